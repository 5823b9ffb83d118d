// The pages of one record: its timeline, and its form. They work without it.
"use strict";
{
  // "Show earlier" adds the next page below, instead of going there.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-earlier]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(link.href);
      if (!answer.ok) throw new Error(answer.status);
      add(new DOMParser().parseFromString(await answer.text(), "text/html"), link);
    } catch {
      location.assign(link.href);
    }
  });
  function add(page, link) {
    const list = document.querySelector("[data-timeline]");
    const groups = [...page.querySelectorAll("[data-timeline] > .timeline-group")].map((group) => document.importNode(group, true));
    const first = groups[0]?.querySelector("li");
    const last = list.lastElementChild;
    // A month that goes on has one heading.
    if (last && groups.length && last.querySelector("h3")?.textContent === groups[0].querySelector("h3").textContent) {
      last.querySelector("ol").append(...groups.shift().querySelectorAll("li"));
    }
    list.append(...groups);
    const next = page.querySelector("[data-earlier]");
    if (next) {
      link.href = next.getAttribute("href");
      link.removeAttribute("aria-busy");
    } else {
      link.parentElement.remove();
    }
    first?.focus({ preventScroll: true });
  }

  // Links that lead to a folded part unfold it, and put the cursor into its first field.
  function open(part) {
    part.open = true;
    part.scrollIntoView({ block: "center" });
    part.querySelector("input:not([type=hidden]), select")?.focus({ preventScroll: true });
  }
  document.addEventListener("click", (event) => {
    const part = document.getElementById(event.target.closest("[data-open]")?.dataset.open ?? "");
    if (part) {
      event.preventDefault();
      open(part);
    }
  });
  const aimed = document.getElementById(location.hash.slice(1));
  if (aimed?.matches("details")) open(aimed);
  const wrong = document.querySelector(".quick-log .errors :is(input, select, textarea)");
  if (wrong) {
    wrong.closest("details").scrollIntoView({ block: "center" });
    wrong.focus({ preventScroll: true });
  }

  // A letter stands for a link where nobody is typing.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable], .select2-container, dialog")) return;
    const link = document.querySelector(`a[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
  });

  // -- unsaved input: the save bar says so, and leaving asks first ----------------------------------------------------

  const forms = [...document.querySelectorAll("form[data-warn-unsaved]")];
  const contentOf = (form) => {
    const pairs = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
    return new URLSearchParams(pairs.map(([name, value]) => [name, value.name ?? value])).toString();
  };
  const before = new Map();
  let leaving = false;
  const isUnsaved = (form) => form.hasAttribute("data-unsaved") || (before.has(form) && contentOf(form) !== before.get(form));
  const anyUnsaved = () => !leaving && forms.some(isUnsaved);
  function tell() {
    for (const form of forms) {
      const status = form.querySelector(".unsaved");
      if (status) status.textContent = isUnsaved(form) ? status.dataset.says : "";
    }
  }
  // Widgets fill themselves in while the page loads.
  window.addEventListener("load", () =>
    setTimeout(() => {
      for (const form of forms) before.set(form, contentOf(form));
      tell();
    }),
  );
  for (const form of forms) {
    form.addEventListener("submit", () => (leaving = true));
    for (const kind of ["input", "change", "click"]) form.addEventListener(kind, () => setTimeout(tell));
    window.django?.jQuery?.(form).on("change", () => setTimeout(tell));
  }
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) leaving = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (anyUnsaved()) event.preventDefault();
  });

  const dialog = document.getElementById("leave-dialog");
  let wanted = "";
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!dialog || !link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const address = new URL(link.href, location.href);
    const stays = link.target === "_blank" || link.hasAttribute("download") || link.dataset.popup === "yes";
    const isHere = address.pathname === location.pathname && address.search === location.search && address.hash;
    if (stays || isHere || !address.protocol.startsWith("http") || link.getAttribute("href") === "#" || !anyUnsaved()) return;
    event.preventDefault();
    wanted = link.href;
    dialog.showModal();
  });
  dialog?.querySelector("[data-stay]").addEventListener("click", () => dialog.close());
  dialog?.querySelector("[data-leave]").addEventListener("click", () => {
    leaving = true;
    location.assign(wanted);
  });

  // -- forms -----------------------------------------------------------------------------------------------------------

  // A link to a field leads into it, also where the browser only sees a hidden select behind a Select2 box.
  function enter(id) {
    const target = document.getElementById(id) ?? document.getElementById(`${id}_0`);
    if (!target) return false;
    const control = target.matches(".select2-hidden-accessible")
      ? target.nextElementSibling.querySelector(".select2-selection, .select2-search__field")
      : target;
    target.closest("details")?.setAttribute("open", "");
    (control.closest(".form-row") ?? control).scrollIntoView({ block: "center" });
    control.focus({ preventScroll: true });
    return true;
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#form-errors a[href^='#']");
    if (link && enter(link.hash.slice(1))) event.preventDefault();
  });
  if (location.hash.startsWith("#id_")) window.addEventListener("load", () => setTimeout(() => enter(location.hash.slice(1))));

  // Looking at a chosen record must not cost the form: its page opens beside it.
  for (const link of document.querySelectorAll(".view-related")) {
    link.target = "_blank";
    for (const name of ["href", "data-href-template"]) {
      const address = link.getAttribute(name);
      if (address) link.setAttribute(name, address.replace(/\/change\/.*$/, "/"));
    }
  }
}
