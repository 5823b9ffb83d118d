// The calendar by keys: left and right for earlier and later, T for today, M, W and A for the views.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], details[open], [role=menu], dialog")) return;
  document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`)?.click();
});
