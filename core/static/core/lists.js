// Comforts of lists: the order of columns, finding a filter, a quick look at a record beside the list.
"use strict";
{
  const narrow = window.matchMedia("(max-width: 1023px)");

  // Columns move up and down; the form sends them as they stand.
  const columns = document.querySelector(".column-choices");
  for (const row of columns?.children ?? []) {
    const tools = document.createElement("span");
    for (const [way, label] of [["up", columns.dataset.up], ["down", columns.dataset.down]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = `icon-button move-${way}`;
      button.title = label;
      button.setAttribute("aria-label", `${label}: ${row.textContent.trim()}`);
      button.addEventListener("click", () => {
        if (way === "up") row.previousElementSibling?.before(row);
        else row.nextElementSibling?.after(row);
        button.focus();
      });
      tools.append(button);
    }
    row.append(tools);
  }

  // Finding a filter.
  const drawer = document.querySelector(".drawer-body");
  const plain = (text) => text.normalize("NFKC").toLowerCase();
  const finder = drawer?.querySelector("[data-filter-finder]");
  const rows = [...(drawer?.querySelectorAll(".form-row") ?? [])];
  if (finder && rows.length > 6) {
    finder.hidden = false;
    finder.addEventListener("input", () => {
      for (const row of rows) row.hidden = !plain(row.querySelector("label").textContent).includes(plain(finder.value.trim()));
      drawer.querySelector("[data-filter-none]").hidden = rows.some((row) => !row.hidden);
    });
    finder.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // looks for a filter, and does not yet filter
      rows.find((row) => !row.hidden)?.querySelector("input:not([type=hidden]), select")?.focus();
    });
  }
  // Long choices are searched by typing, as relations are; after liaison.js has named the empty choice.
  window.addEventListener("load", () => {
    const jquery = window.django?.jQuery;
    for (const select of drawer?.querySelectorAll("select:not(.admin-autocomplete)") ?? []) {
      if (jquery?.fn.select2 && select.options.length > 14) jquery(select).select2({ theme: "admin-autocomplete", width: "100%" });
    }
  });

  // A quick look beside the list. Without this, or on a narrow screen, the record's page opens instead.
  const list = document.querySelector("#changelist[data-peek]");
  const frame = document.getElementById("peek-frame");
  const recordPage = /\/\d+\/(change\/)?(\?.*)?$/; // where a record is read, or its form
  const rowLink = (row) => [...row.querySelectorAll("th a[href]")].find((link) => recordPage.test(link.href));
  const links = list ? [...list.querySelectorAll("#result_list tbody tr")].map(rowLink) : [];
  let panel, shown, opener;

  const address = (link) => link.href.replace(recordPage, (page) => `/${page.split("/")[1]}/peek/`);
  const mark = () => {
    for (const link of links) link?.closest("tr").toggleAttribute("data-peeked", link === shown);
  };
  const close = () => {
    if (!panel) return;
    panel.remove();
    panel = shown = undefined;
    mark();
    opener?.focus();
  };
  const look = async (link) => {
    if (!link) return;
    shown = link;
    mark();
    if (!panel) {
      panel = frame.content.firstElementChild.cloneNode(true);
      document.body.append(panel);
      panel.addEventListener("click", (event) => {
        const step = event.target.closest("[data-peek-step]");
        if (step) move(Number(step.dataset.peekStep));
        if (event.target.closest("[data-peek-close]")) close();
      });
    }
    opener = link.closest("tr").querySelector(".peek-button");
    const body = panel.querySelector(".peek-body");
    body.setAttribute("aria-busy", "true");
    const answer = await fetch(address(link)).catch(() => null);
    if (shown !== link) return; // another one was asked for in the meantime
    if (answer?.redirected) return location.assign(link.href); // not signed in any more
    body.removeAttribute("aria-busy");
    if (answer?.ok) body.innerHTML = await answer.text();
    else body.textContent = body.dataset.failed;
    body.scrollTop = 0;
    for (const step of panel.querySelectorAll("[data-peek-step]")) step.disabled = !links[links.indexOf(link) + Number(step.dataset.peekStep)];
    body.querySelector("#peek-title")?.focus({ preventScroll: true });
  };
  const move = (step) => {
    const next = links[links.indexOf(shown) + step];
    next?.closest("tr").scrollIntoView({ block: "nearest" });
    look(next);
  };

  for (const link of links) {
    if (!link) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "peek-button";
    button.title = list.dataset.peek;
    button.setAttribute("aria-label", `${list.dataset.peek}: ${link.textContent.trim()}`);
    button.addEventListener("click", () => look(link));
    link.closest("th").append(button);
    link.closest("tr").addEventListener("click", (event) => {
      const other = event.target.closest("a, button, input, label, summary");
      if (!narrow.matches && !other && !event.target.closest(".action-checkbox") && !String(getSelection())) look(link);
    });
  }
  document.addEventListener("keydown", (event) => {
    if (!panel || event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") close();
    if (event.key === "j") move(1);
    if (event.key === "k") move(-1);
  });
}
