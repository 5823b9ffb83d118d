// The calendar by keys: left and right for earlier and later, T for today, M, W and A for the views.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], details[open], [role=menu], dialog")) return;
  document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`)?.click();
});

// On a phone, where the days stand below each other, the page opens at today.
if (window.matchMedia("(max-width: 767px)").matches && !new URLSearchParams(location.search).has("on")) {
  const today = document.querySelector("[data-today]");
  if (today?.previousElementSibling) today.scrollIntoView({ block: "start" });
}
