// Light, dark or as the system says. Runs before the first paint, so that no page flashes in the other colours.
"use strict";
{
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const stored = (key, otherwise) => {
    try {
      return localStorage.getItem(key) || otherwise;
    } catch {
      return otherwise;
    }
  };
  const store = (key, value) => {
    try {
      localStorage.setItem(key, value);
    } catch {
      // Private windows may refuse: the choice then holds for this page.
    }
  };
  const paint = (choice) => {
    root.dataset.themeChoice = choice;
    root.dataset.theme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
  };

  const known = stored("theme", "auto");
  paint(["auto", "light", "dark"].includes(known) ? known : "auto");
  dark.addEventListener("change", () => paint(root.dataset.themeChoice));
  root.dataset.sidebar = stored("sidebar", "open");

  document.addEventListener("click", (event) => {
    if (event.target.closest(".theme-toggle, [data-theme-next]")) {
      const next = { auto: "light", light: "dark", dark: "auto" }[root.dataset.themeChoice];
      store("theme", next);
      paint(next);
    }
    const set = event.target.closest("[data-theme-set]")?.dataset.themeSet;
    if (set) {
      store("theme", set);
      paint(set);
    }
    if (event.target.closest("[data-toggle-sidebar]")) {
      // On a wide screen the sidebar stays as it was left; on a narrow one it opens over the page.
      if (window.matchMedia("(min-width: 1024px)").matches) {
        root.dataset.sidebar = root.dataset.sidebar === "open" ? "closed" : "open";
        store("sidebar", root.dataset.sidebar);
      } else {
        root.toggleAttribute("data-drawer");
      }
    }
  });
}
