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
}
