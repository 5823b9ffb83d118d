// Parts of the start page that come beside it, since they take longer to count than the rest takes to read.
"use strict";
for (const place of document.querySelectorAll("[data-part]")) {
  const show = async () => {
    place.setAttribute("aria-busy", "true");
    const answer = await fetch(place.dataset.part).catch(() => null);
    const text = answer?.ok && !answer.redirected ? await answer.text() : "";
    place.removeAttribute("aria-busy");
    if (!text.includes("data-part-ready")) return (place.dataset.failed = "");
    place.innerHTML = text; // escaped by the server's template
    window.labelTables?.(place);
  };
  show();
}
