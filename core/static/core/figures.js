// The figures of the start page come beside it, since they take longer to count than the rest takes to read.
"use strict";
{
  const place = document.querySelector("[data-figures]");
  const show = async () => {
    const answer = await fetch(place.dataset.figures).catch(() => null);
    const text = answer?.ok && !answer.redirected ? await answer.text() : "";
    place.removeAttribute("aria-busy");
    if (text.includes("data-figures-ready")) place.innerHTML = text; // escaped by the server's template
    else place.dataset.failed = "";
  };
  if (place) show();
}
