// The board: cards are moved by dragging, by the keyboard (Space, arrows, Space) or by the menu of a card. The server
// decides; a refused move puts the card back and says why. Without this script a card's page has its moves.
"use strict";
{
  const board = document.getElementById("board");
  const live = document.getElementById("board-live");
  const notice = document.getElementById("board-notice");
  const say = (name, values) => board.dataset[`say${name}`].replace(/\{(\w+)\}/g, (_all, key) => values[key]);
  const tell = (text) => {
    live.textContent = "";
    setTimeout(() => (live.textContent = text), 50);
  };
  const warn = (text) => {
    notice.querySelector("p").textContent = text;
    notice.hidden = false;
    tell(text);
  };
  const columns = () => [...board.querySelectorAll("[data-stage]")];
  const column = (stage) => board.querySelector(`[data-stage="${CSS.escape(stage)}"]`);
  const columnOf = (card) => card.closest("[data-stage]");
  const titleOf = (card) => card.querySelector(".board-card-title");
  const targets = (card) => {
    const stages = columnOf(card).dataset.targets.split(" ");
    return card.dataset.move ? columns().filter((found) => stages.includes(found.dataset.stage)) : [];
  };
  const fragment = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content;
  };
  const element = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  const ready = (part) => {
    for (const button of part.querySelectorAll("[data-card-menu]")) button.hidden = false;
  };

  // -- moving -----------------------------------------------------------------------------------------------------

  async function send(card, to, body) {
    body.set("record_version", card.dataset.version);
    body.set("csrfmiddlewaretoken", board.querySelector("[name=csrfmiddlewaretoken]").value);
    const address = card.dataset.move.replace(/to\/$/, `${to}/`) + board.dataset.query;
    const response = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!response.headers.get("Content-Type")?.startsWith("application/json")) throw new Error(response.status);
    return { ok: response.ok, ...(await response.json()) };
  }

  // Puts the card where it is to go at once, and back if the server says no.
  async function move(card, to, body = new FormData()) {
    const target = column(to);
    const [home, next] = [card.parentElement, card.nextElementSibling];
    const focused = card.contains(document.activeElement);
    const title = card.dataset.title;
    const from = columnOf(card).dataset.label;
    notice.hidden = true;
    target.querySelector("[data-cards]").prepend(card);
    card.dataset.busy = "";
    if (focused) titleOf(card).focus();
    let answer;
    try {
      answer = await send(card, to, body);
    } catch {
      answer = { ok: false, message: say("Failed", { title, stage: from }) };
    }
    delete card.dataset.busy;
    if (answer.ok) return settle(card, answer, focused);
    home.insertBefore(card, next);
    if (focused) titleOf(card).focus();
    if (answer.form) ask(card, to, answer.form, answer.message);
    else warn(`${answer.message} ${say("Left", { title, stage: from })}`);
  }

  function settle(card, answer, focused) {
    const fresh = fragment(answer.card).firstElementChild;
    card.replaceWith(fresh);
    ready(fresh);
    for (const [stage, html] of Object.entries(answer.heads)) {
      column(stage).querySelector("[data-head]").replaceWith(fragment(html).firstElementChild);
      const count = column(stage).querySelector("[data-head] .count").textContent;
      document.querySelector(`[data-stage-link="${CSS.escape(stage)}"] .count`).textContent = count;
    }
    if (focused) titleOf(fresh).focus();
    tell(`${answer.message} ${columnOf(fresh).dataset.label}.`);
  }

  // Some moves ask something first: why, or what for.
  async function start(card, to) {
    if (!columnOf(card).dataset.asking.split(" ").includes(to)) return move(card, to);
    try {
      const response = await fetch(card.dataset.move.replace(/to\/$/, `${to}/`));
      if (!response.ok || response.redirected) throw new Error(response.status);
      ask(card, to, await response.text(), "");
    } catch {
      warn(say("Failed", { title: card.dataset.title }));
    }
  }

  function ask(card, to, html, message) {
    const heading = element("h2", { id: "board-dialog-title", textContent: say("Ask", { stage: column(to).dataset.label }) });
    const form = element("form", { method: "dialog", noValidate: true });
    const foot = element("div", { className: "form-foot" });
    foot.append(
      element("button", { type: "submit", className: "button primary", textContent: board.dataset.sayMove }),
      element("button", { type: "button", className: "button", textContent: board.dataset.sayCancel, onclick: () => dialog.close() }),
    );
    form.append(heading, element("p", { className: "record-name", textContent: card.dataset.title }));
    if (message) form.append(element("p", { className: "errornote", textContent: message }));
    form.append(fragment(html), foot);
    const dialog = element("dialog", { className: "board-dialog" }, form);
    dialog.setAttribute("aria-labelledby", heading.id);
    let sent = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      sent = true;
      dialog.close();
      titleOf(card).focus();
      move(card, to, new FormData(form));
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (sent) return;
      titleOf(card).focus();
      tell(say("Left", { title: card.dataset.title, stage: columnOf(card).dataset.label }));
    });
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("select, textarea, input")?.focus();
  }

  // -- dragging ---------------------------------------------------------------------------------------------------

  let dragged = null;
  board.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-card][draggable]");
    if (!dragged) return;
    drop();
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.title);
    dragged.dataset.picked = "";
    for (const target of targets(dragged)) target.dataset.allowed = "";
    board.dataset.moving = "";
  });
  board.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-allowed]");
    mark(dragged ? over : null);
    if (dragged && over) event.preventDefault();
  });
  board.addEventListener("drop", (event) => {
    const over = event.target.closest("[data-allowed]");
    if (!dragged || !over) return;
    event.preventDefault();
    const card = dragged;
    clear();
    start(card, over.dataset.stage);
  });
  board.addEventListener("dragend", () => clear());

  function mark(over) {
    for (const found of board.querySelectorAll("[data-over]")) if (found !== over) delete found.dataset.over;
    if (over) over.dataset.over = "";
  }
  function clear() {
    mark(null);
    for (const found of board.querySelectorAll("[data-allowed]")) delete found.dataset.allowed;
    for (const card of board.querySelectorAll("[data-picked]")) delete card.dataset.picked;
    delete board.dataset.moving;
    dragged = picked = null;
  }

  // -- keyboard ---------------------------------------------------------------------------------------------------

  let picked = null; // { card, choices, at }: `at` is -1 before a stage is chosen

  function pick(card) {
    const choices = targets(card);
    const title = card.dataset.title;
    if (!choices.length) return tell(say("Nowhere", { title }));
    clear();
    picked = { card, choices, at: -1 };
    card.dataset.picked = "";
    board.dataset.moving = "";
    for (const choice of choices) choice.dataset.allowed = "";
    tell(say("Picked", { title, stage: columnOf(card).dataset.label }));
  }
  function choose(step) {
    const { card, choices } = picked;
    if (picked.at < 0) {
      // From the card's own column on, in the direction of the key.
      const here = columns().indexOf(columnOf(card));
      const after = choices.findIndex((choice) => columns().indexOf(choice) > here);
      const first = after < 0 ? choices.length : after;
      picked.at = step > 0 ? first : first - 1;
    } else picked.at += step;
    picked.at = (picked.at + choices.length) % choices.length;
    const over = choices[picked.at];
    mark(over);
    over.scrollIntoView({ block: "nearest", inline: "nearest" });
    tell(say("Over", { stage: over.dataset.label, number: picked.at + 1, count: choices.length }));
  }
  function drop(go) {
    if (!picked) return;
    const { card, choices, at } = picked;
    clear();
    if (go && at >= 0) start(card, choices[at].dataset.stage);
    else tell(say("Left", { title: card.dataset.title, stage: columnOf(card).dataset.label }));
  }

  // Without a picked card the arrows go from card to card.
  function walk(card, key) {
    const list = [...card.parentElement.querySelectorAll("[data-card]")];
    const at = list.indexOf(card);
    if (key === "ArrowDown" || key === "ArrowUp") return list[at + (key === "ArrowDown" ? 1 : -1)];
    const step = key === "ArrowRight" ? 1 : -1;
    const all = columns();
    for (let next = all.indexOf(columnOf(card)) + step; all[next]; next += step) {
      const cards = all[next].querySelectorAll("[data-card]");
      if (cards.length && all[next].offsetParent) return cards[Math.min(at, cards.length - 1)];
    }
  }

  board.addEventListener("keydown", (event) => {
    if (!event.target.matches(".board-card-title") || event.altKey || event.ctrlKey || event.metaKey) return;
    const card = event.target.closest("[data-card]");
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (picked) {
      if (event.key === "Tab") return drop(false);
      event.preventDefault();
      event.stopPropagation();
      if (event.key === " " || event.key === "Enter") drop(true);
      else if (event.key === "Escape") drop(false);
      else if (step) choose(step);
    } else if (event.key === " ") {
      event.preventDefault();
      pick(card);
    } else if (step) {
      const next = walk(card, event.key);
      if (next) {
        event.preventDefault();
        titleOf(next).focus();
      }
    }
  });
  board.addEventListener("focusout", (event) => {
    if (picked && event.target === titleOf(picked.card)) drop(false);
  });

  // -- menu -------------------------------------------------------------------------------------------------------

  let open = null; // { menu, button }
  function closeMenu(refocus) {
    if (!open) return;
    const { menu, button } = open;
    open = null;
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    if (refocus) button.focus();
  }
  function openMenu(button) {
    const card = button.closest("[data-card]");
    const menu = element("div", { className: "menu-panel board-menu" });
    menu.setAttribute("role", "menu");
    menu.setAttribute("aria-label", board.dataset.sayMenu);
    for (const target of targets(card)) {
      const item = element("button", { type: "button", className: "menu-item", textContent: target.dataset.label, tabIndex: -1 });
      item.setAttribute("role", "menuitem");
      item.addEventListener("click", () => {
        closeMenu(true);
        start(card, target.dataset.stage);
      });
      menu.append(item);
    }
    if (!menu.childElementCount) return tell(say("Nowhere", { title: card.dataset.title }));
    menu.prepend(element("p", { className: "menu-title", textContent: board.dataset.sayMenu, ariaHidden: "true" }));
    button.after(menu);
    button.setAttribute("aria-expanded", "true");
    open = { menu, button };
    menu.querySelector("button").focus();
    menu.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-card-menu]");
    if (event.target.closest("[data-close-notice]")) notice.hidden = true;
    if (open && !open.menu.contains(event.target)) {
      const same = open.button === button;
      closeMenu(same);
      if (same) return;
    }
    if (button) openMenu(button);
  });
  document.addEventListener("keydown", (event) => {
    if (!open) return;
    const items = [...open.menu.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Escape") closeMenu(true);
    else if (event.key === "Tab") closeMenu(true);
    else if (next !== undefined) {
      event.preventDefault();
      items[next % items.length].focus();
    }
  });

  // -- more cards, and one column at a time on a phone --------------------------------------------------------------

  document.addEventListener("click", async (event) => {
    const more = event.target.closest("[data-more]");
    if (more && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const response = await fetch(more.dataset.more);
      if (!response.ok || response.redirected) return location.assign(more.href);
      const part = fragment(await response.text());
      ready(part);
      const first = part.querySelector("[data-card]");
      // A card that was moved in the meantime may come again.
      for (const card of part.querySelectorAll("[data-card]")) {
        if (board.querySelector(`[data-card="${card.dataset.card}"]`)) card.remove();
      }
      more.closest("li").replaceWith(part);
      if (first?.isConnected) titleOf(first).focus();
    }
    const link = event.target.closest("[data-stage-link]");
    if (link) {
      event.preventDefault();
      show(link.dataset.stageLink);
    }
  });
  function show(stage) {
    for (const found of columns()) found.toggleAttribute("data-current", found.dataset.stage === stage);
    for (const link of document.querySelectorAll("[data-stage-link]")) {
      if (link.dataset.stageLink === stage) {
        link.setAttribute("aria-current", "true");
        link.scrollIntoView({ block: "nearest", inline: "center" });
      } else link.removeAttribute("aria-current");
    }
  }

  ready(document);
  board.dataset.ready = "";
}
