// The frame of every page: the sidebar with its numbers, the drawer on narrow screens, and messages.
"use strict";
{
  const root = document.documentElement;
  const sidebar = document.getElementById("nav-sidebar");
  const toggle = document.querySelector(".topbar [data-toggle-sidebar]");
  const isWide = window.matchMedia("(min-width: 1024px)");

  // Closed groups are remembered in a cookie, so that the server draws them closed.
  function remember() {
    const closed = [...sidebar.querySelectorAll("details[data-group]:not([open])")].map((group) => group.dataset.group);
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `closed_groups=${closed.join(".")}; path=/admin/; max-age=31536000; samesite=lax${secure}`;
  }

  // The numbers come beside the page, from the browser's own memory for a minute.
  async function count() {
    const answer = await fetch(sidebar.dataset.counts).catch(() => null);
    const numbers = answer?.ok && !answer.redirected ? await answer.json().catch(() => ({})) : {};
    for (const slot of sidebar.querySelectorAll("[data-count]")) slot.textContent = numbers[slot.dataset.count] ?? "";
  }

  // What lies under the drawer is out of reach while it is open.
  function settle() {
    const drawn = root.hasAttribute("data-drawer") && !isWide.matches;
    const shown = drawn || (isWide.matches && root.dataset.sidebar !== "closed");
    toggle.setAttribute("aria-expanded", String(shown));
    const page = document.getElementById("container");
    if (drawn === page.inert) return;
    page.inert = drawn;
    (drawn ? sidebar.querySelector("[aria-current], a") : toggle).focus();
  }

  if (sidebar && toggle) {
    for (const group of sidebar.querySelectorAll("details[data-group]")) {
      group.querySelector("summary").addEventListener("click", () => setTimeout(remember));
    }
    new MutationObserver(settle).observe(root, { attributes: true, attributeFilter: ["data-drawer", "data-sidebar"] });
    isWide.addEventListener("change", settle);
    settle();
    count();
  }

  // Messages are read out, and go by a button; good news goes by itself, unless somebody is looking at it.
  const list = document.querySelector(".messagelist:not(.specimen-toasts)");
  if (list) {
    const READING_MS = 8000;
    const urgent = list.querySelector(".error, .warning");
    const voice = document.createElement("div");
    voice.className = "visually-hidden";
    voice.setAttribute("role", urgent ? "alert" : "status");
    document.body.append(voice);
    setTimeout(() => (voice.textContent = [...list.children].map((item) => item.textContent.trim()).join("\n")), 200);

    const dismiss = (item) => (item.remove(), list.children.length || list.remove());
    for (const item of list.children) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "icon-button", title: list.dataset.dismiss });
      button.setAttribute("aria-label", list.dataset.dismiss);
      button.addEventListener("click", () => dismiss(item));
      item.append(button);
      if (item.matches(".error, .warning") || item.querySelector("a")) continue;
      let left = setTimeout(() => dismiss(item), READING_MS);
      for (const name of ["pointerenter", "focusin"]) item.addEventListener(name, () => clearTimeout(left));
      for (const name of ["pointerleave", "focusout"]) {
        item.addEventListener(name, () => (clearTimeout(left), (left = setTimeout(() => dismiss(item), READING_MS / 2))));
      }
    }
  }
}
