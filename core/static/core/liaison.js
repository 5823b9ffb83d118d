// Small helps for the staff site. Pages work without it, except that tables have no labels when drawn as cards.
"use strict";
{
  const root = document.documentElement;

  // Tables become cards on narrow screens: each cell then carries the heading of its column.
  window.labelTables = (part) => {
    for (const table of part.querySelectorAll("table[data-labels]")) {
      const headings = [...table.querySelectorAll("thead th")].map((th) => th.textContent.trim());
      for (const row of table.tBodies[0]?.rows ?? []) {
        [...row.cells].forEach((cell, index) => {
          if (headings[index]) cell.dataset.label = headings[index];
          const text = cell.textContent.trim();
          if (["", "-", "–"].includes(text) && !cell.querySelector("img, input")) cell.dataset.empty = "";
          // Dates, times and numbers stay on one line.
          if (/^[\d\s.,:/-]+$/.test(text)) cell.classList.add("nowrap");
          // Django forbids line breaks in every relation; long names need them. A Han character counts double.
          if (text.replace(/[^\u0000-\u00ff]/g, "xx").length > 26) cell.classList.remove("nowrap");
        });
      }
    }
  };
  window.labelTables(document);

  // The page's own entry of a long menu is in sight.
  const entries = document.querySelector(".sidebar-groups");
  const here = entries?.querySelector("[aria-current]");
  if (here && here.offsetTop + here.offsetHeight > entries.offsetTop + entries.clientHeight) {
    entries.scrollTop = here.offsetTop - entries.offsetTop - entries.clientHeight / 2;
  }

  // Menus and the drawers close by Escape, and menus by a click elsewhere.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    if (event.target.closest("[data-close-drawer]")) closeFilters();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = document.querySelector("details.menu[open]");
      if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
      closeFilters();
      root.removeAttribute("data-drawer");
    }
    if (event.key === "/" && !event.target.closest("input, textarea, select, [contenteditable], .select2-container")) {
      const search = document.querySelector("[data-search-key]");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    }
  });
  function closeFilters() {
    const drawer = document.querySelector(".filter-drawer[open]");
    if (drawer) {
      drawer.open = false;
      drawer.querySelector("summary").focus();
    }
  }

  // Addresses of filtered lists name only the filters that are set. The first choice of a filter is "not set".
  document.getElementById("filter-form")?.addEventListener("submit", (event) => {
    const unset = [...event.target.elements].filter((field) => field.name && !("keep" in field.dataset) && (!field.value || field.selectedIndex === 0));
    for (const field of unset) field.disabled = true;
    setTimeout(() => unset.forEach((field) => (field.disabled = false)));
  });

  // A filter that is not set says so in words rather than in dashes.
  const any = document.querySelector("[data-any]");
  for (const option of any?.querySelectorAll("option[value='']") ?? []) option.textContent = any.dataset.any;

  // Names for controls whose <label> is a column heading, a group's label, or was lost to a Select2 box.
  const labelOf = (control) =>
    (control.labels?.[0] ?? control.closest("[role=group]")?.querySelector(".label"))?.textContent.trim() ||
    control.closest("td")?.dataset.label ||
    "";
  function nameControls(part) {
    for (const control of part.querySelectorAll("td[data-label] :is(input, select, textarea), p.datetime input")) {
      const half = control.closest("p.datetime") ? control.previousSibling?.textContent.trim() : "";
      if (control.type !== "hidden") control.setAttribute("aria-label", [labelOf(control), half].filter(Boolean).join(" "));
    }
    for (const select of part.querySelectorAll("select.select2-hidden-accessible")) {
      const box = select.nextElementSibling;
      const label = labelOf(select);
      for (const named of box.querySelectorAll("[role=combobox], [role=textbox], .select2-search__field")) {
        named.removeAttribute("aria-labelledby");
        named.setAttribute("aria-label", label);
      }
    }
    for (const icon of part.querySelectorAll(".search-label-icon")) icon.setAttribute("role", "img");
  }
  window.addEventListener("load", () => setTimeout(() => nameControls(document)));
  document.addEventListener("formset:added", (event) => nameControls(event.target));
  document.addEventListener("focusin", (event) => {
    if (event.target.matches(".select2-dropdown .select2-search__field")) {
      const id = event.target.getAttribute("aria-controls")?.replace(/^select2-|-results$/g, "");
      const select = id && document.getElementById(id);
      if (select) event.target.setAttribute("aria-label", labelOf(select));
    }
  });

  document.getElementById("form-errors")?.focus();

  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.querySelector("span").textContent = button.dataset.copied;
    });
  }
}
