// Small helps for the pages of an import. Every step works without it, by buttons and by reloading.
"use strict";
{
  document.documentElement.dataset.script = ""; // buttons that this file makes needless step back

  // The drop zone names the file that was taken, and says at once when it is too large.
  const zone = document.querySelector("[data-drop-zone]");
  if (zone) {
    const input = zone.querySelector("input[type=file]");
    const title = zone.querySelector("[data-drop-title]");
    const warning = document.querySelector("[data-drop-warning]");
    const invitation = title.textContent;
    const isTooLarge = () => input.files[0]?.size > Number(zone.dataset.limit);
    const show = () => {
      title.textContent = input.files[0]?.name ?? invitation;
      zone.toggleAttribute("data-chosen", input.files.length > 0);
      warning.hidden = !isTooLarge();
    };
    zone.dataset.ready = "";
    input.addEventListener("change", show);
    for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, () => (zone.dataset.over = ""));
    for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => delete zone.dataset.over);
    input.form.addEventListener("submit", (event) => {
      if (isTooLarge()) event.preventDefault();
    });
    show(); // browsers keep the file when one comes back to the page
  }

  // Choices that show their effect at once.
  for (const select of document.querySelectorAll("select[data-shows-at-once]")) {
    select.addEventListener("change", () => select.form.requestSubmit(select.form.elements.show));
  }
  for (const form of document.querySelectorAll("form[data-autosubmit]")) {
    form.addEventListener("change", () => form.requestSubmit());
  }

  // Long work says that it has begun, and is not begun twice.
  for (const button of document.querySelectorAll("button[data-busy]")) {
    button.form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      button.textContent = button.dataset.busy;
      setTimeout(() => (button.disabled = true));
    });
  }
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && document.querySelector("button[data-busy]:disabled, [data-progress]")) location.reload();
  });

  // Which column is what: values for all rows are asked for only where no column has them; choices are kept at once.
  const draft = document.querySelector("form[data-draft]");
  if (draft) {
    const state = draft.querySelector("[data-draft-state]");
    const askForTheRest = () => {
      const chosen = new Set([...draft.querySelectorAll(".import-columns select")].map((select) => select.value));
      const rest = [...draft.querySelectorAll("[data-unless]")];
      for (const row of rest) row.hidden = row.dataset.unless.split(" ").some((code) => chosen.has(code));
      const card = draft.querySelector(".import-rest");
      if (card) card.hidden = !card.querySelector(".form-row:not([hidden])");
    };
    let waiting;
    let sending = Promise.resolve();
    const keep = async () => {
      const body = new FormData(draft);
      body.set("draft", "1");
      const answer = await fetch(draft.action || location.href, { method: "POST", body, redirect: "manual" }).catch(() => null);
      state.textContent = answer?.status === 204 ? state.dataset.saved : state.dataset.unsaved;
    };
    const changed = () => {
      askForTheRest();
      clearTimeout(waiting);
      waiting = setTimeout(() => (sending = sending.then(keep)), 400);
    };
    draft.addEventListener("change", changed);
    draft.addEventListener("submit", () => clearTimeout(waiting));
    // Select2 tells of its choices by jQuery's events alone.
    window.django?.jQuery?.(draft).on("change", "select.admin-autocomplete", changed);
    askForTheRest();
  }

  // The bar moves, and the page that follows comes by itself.
  const work = document.querySelector("[data-progress]");
  if (work) {
    const bar = work.querySelector("progress");
    const text = work.querySelector("[data-progress-text]");
    const look = async () => {
      const answer = await fetch(work.dataset.progress, { headers: { Accept: "application/json" } }).catch(() => null);
      const found = answer?.ok && !answer.redirected ? await answer.json().catch(() => null) : null;
      if (found && (!found.working || found.title !== work.querySelector("h2").textContent)) return location.reload();
      if (found) text.textContent = found.text;
      if (found?.total) {
        bar.max = found.total;
        bar.value = found.done;
      }
      // Not logged in any more: the page itself leads to the log-in and back.
      if (answer?.redirected) return location.reload();
      setTimeout(look, found ? 1000 : 5000);
    };
    setTimeout(look, 700);
  }
}
