// The command palette: Ctrl+K or ⌘K. The server names what the reader may open and do; this file only chooses among it.
"use strict";
{
  const dialog = document.getElementById("palette");
  const input = dialog?.querySelector("input");
  const part = (name) => dialog.querySelector(`[data-palette-${name}]`);

  const plain = (text) => text.normalize("NFKC").toLowerCase();
  // Latin words are met at their beginning, characters of Chinese and Japanese anywhere.
  const meets = (words, asked) => /^[\x00-\x7f]+$/.test(asked) ? ` ${words}`.includes(` ${asked}`) : words.includes(asked);

  let active = null; // the option that Enter opens
  let waiting = 0;
  let asking = new AbortController();

  const options = () => [...dialog.querySelectorAll("[role=option]")].filter((option) => option.offsetParent);

  function choose(option) {
    active?.setAttribute("aria-selected", "false");
    active = option ?? null;
    active?.setAttribute("aria-selected", "true");
    active?.scrollIntoView({ block: "nearest" });
    if (active) input.setAttribute("aria-activedescendant", active.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function move(step) {
    const shown = options();
    if (shown.length) choose(shown[(shown.indexOf(active) + step + shown.length) % shown.length]);
  }

  // What the page itself offers: its head's buttons and links.
  function offerHere() {
    const here = part("here");
    const controls = [...document.querySelectorAll(".page-actions :is(a[href], button)")].filter((c) => c.textContent.trim());
    here.replaceChildren();
    here.hidden = !controls.length;
    if (here.hidden) return;
    const title = Object.assign(document.createElement("div"), { className: "palette-title", id: "palette-here", textContent: dialog.dataset.here });
    title.setAttribute("role", "presentation");
    const group = document.createElement("div");
    group.setAttribute("role", "group");
    group.setAttribute("aria-labelledby", "palette-here");
    group.append(title, ...controls.map(asOption));
    here.append(group);
  }

  function asOption(control, index) {
    const option = Object.assign(document.createElement("button"), { type: "button", className: "palette-item", id: `palette-here-${index}`, tabIndex: -1 });
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.words = control.textContent.trim();
    const icon = control.querySelector(".icon") ?? dialog.querySelector("#palette-everything .icon");
    const label = Object.assign(document.createElement("span"), { textContent: option.dataset.words });
    option.append(icon.cloneNode(true), label);
    option.addEventListener("click", () => (dialog.close(), control.click()));
    return option;
  }

  function narrow() {
    const asked = plain(input.value).split(/\s+/).filter(Boolean);
    for (const option of dialog.querySelectorAll("[data-palette-here] .palette-item, [data-palette-commands] .palette-item")) {
      const words = plain(option.dataset.words);
      option.hidden = !asked.every((word) => meets(words, word));
    }
    for (const group of dialog.querySelectorAll("[data-palette-here] [role=group], [data-palette-commands] [role=group]")) {
      group.hidden = !group.querySelector(".palette-item:not([hidden])");
    }
    const everything = dialog.querySelector("#palette-everything");
    const text = input.value.trim();
    everything.hidden = !text;
    everything.href = `${dialog.dataset.search}?${new URLSearchParams({ q: text })}`;
    everything.querySelector("small").textContent = text;
    choose(options()[0]);
    say();
  }

  function say() {
    const count = options().length - (input.value.trim() ? 1 : 0);
    part("status").textContent = count ? dialog.dataset.many.replace("{count}", count) : dialog.dataset.none;
  }

  async function piece(address, signal) {
    const answer = await fetch(address, { signal, headers: { Accept: "text/html" } });
    if (answer.redirected) location.reload(); // not logged in any more: the page leads to the log-in and back
    return answer.ok && !answer.redirected ? answer.text() : "";
  }

  async function find() {
    const text = input.value.trim();
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const found = text.length > 1 || /[^\x00-\x7f]/.test(text) ? await piece(`${dialog.dataset.source}?${new URLSearchParams({ q: text })}`, signal).catch(() => null) : "";
    if (found === null || signal.aborted) return;
    const untouched = active === options()[0];
    part("found").innerHTML = found; // escaped by the server's template
    if (untouched || !active?.isConnected) choose(options()[0]);
    say();
  }

  function typed() {
    narrow();
    clearTimeout(waiting);
    waiting = setTimeout(find, 140);
  }

  async function open() {
    if (dialog.open) return input.select();
    document.documentElement.removeAttribute("data-drawer");
    input.value = "";
    part("found").replaceChildren();
    offerHere();
    dialog.showModal();
    input.focus();
    narrow();
    if (dialog.dataset.loaded !== undefined) return;
    const commands = await piece(dialog.dataset.source).catch(() => "");
    if (!commands) return (part("loading").textContent = dialog.dataset.none);
    dialog.dataset.loaded = "";
    part("loading").hidden = true;
    part("commands").innerHTML = commands;
    narrow();
  }

  // While an input method composes, its keys are its own: Enter takes the word, the arrows choose among candidates.
  const composes = (event) => event.isComposing || event.keyCode === 229;

  function pressed(event) {
    if (composes(event)) return;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    if (event.key in steps) {
      event.preventDefault();
      move(steps[event.key]);
    } else if (event.key === "Enter" && event.target === input) {
      event.preventDefault();
      active?.click();
    }
  }

  if (dialog) {
    document.addEventListener("keydown", (event) => {
      if (composes(event) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      dialog.open ? dialog.close() : open();
    });
    document.addEventListener("click", (event) => {
      if (!event.target.closest("[data-open-palette]")) return;
      event.preventDefault();
      open();
    });
    dialog.addEventListener("keydown", pressed);
    input.addEventListener("input", (event) => event.isComposing || typed());
    input.addEventListener("compositionend", typed);
    dialog.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (event.target === dialog || event.target.closest("[data-palette-close]") || option) dialog.close();
      if (option?.dataset.press) document.querySelector(`[data-command="${option.dataset.press}"]`)?.click();
    });
    dialog.addEventListener("pointermove", (event) => {
      const option = event.target.closest("[role=option]");
      if (option && option !== active) choose(option);
    });
  }
}
