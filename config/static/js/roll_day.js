/* Registrar's day page by keyboard: Enter takes the first hit, arrows change it, 1-5 give the reason. */
(function () {
  "use strict";
  const box = document.querySelector("[data-day-find]");
  if (!box) return;
  const query = document.getElementById("day-q");
  const hits = document.getElementById("hits");
  let at = -1;

  function all() { return Array.from(hits.querySelectorAll("[data-hit]")); }
  function choose(index) {
    const found = all();
    if (!found.length) return;
    at = Math.max(0, Math.min(found.length - 1, index));
    found.forEach(function (hit, i) { hit.classList.toggle("is-current", i === at); });
    found[at].tabIndex = -1;
    found[at].focus({ preventScroll: true });
    found[at].scrollIntoView({ block: "nearest" });
  }
  function again() {
    at = -1;
    query.focus();
    query.select();
  }
  // The part chosen above holds for whoever is marked next.
  function copyPart() {
    const part = box.querySelector("[data-part]:checked").value;
    hits.querySelectorAll("[data-hit-part]").forEach(function (input) { input.value = part; });
  }
  box.addEventListener("change", copyPart);
  document.getElementById("day-search").addEventListener("submit", function (event) {
    if (!window.htmx) return;
    event.preventDefault();
    // The list may still be on its way when Enter comes quickly after the last letter.
    if (hits.dataset.for === query.value && all().length) choose(0);
    else hits.dataset.then = "choose";
  });
  function mark(key) {
    const button = all()[at] && all()[at].querySelector("[data-key='" + key + "']");
    if (button) button.click();
  }
  box.addEventListener("keydown", function (event) {
    // A reason typed while the list is still on its way belongs to the first hit, not into the box.
    if (hits.dataset.then && /^[1-5]$/.test(event.key)) hits.dataset.reason = event.key;
    else if (event.key === "ArrowDown") choose(at + 1);
    else if (event.key === "ArrowUp") { if (at <= 0) again(); else choose(at - 1); }
    else if (event.key === "Escape") again();
    else if (at >= 0 && event.target !== query && /^[1-5]$/.test(event.key)) mark(event.key);
    else return;
    event.preventDefault();
  });
  query.addEventListener("focus", function () { at = -1; all().forEach(function (hit) { hit.classList.remove("is-current"); }); });
  // After the settling, not the swap: only then do the forms of the new hits send themselves through htmx.
  document.addEventListener("htmx:afterSettle", function (event) {
    if (event.target.id === "hits") {
      copyPart();
      hits.dataset.for = event.detail.requestConfig.parameters.q || "";
      if (hits.dataset.then && hits.dataset.for === query.value) {
        const reason = hits.dataset.reason;
        delete hits.dataset.then;
        delete hits.dataset.reason;
        choose(0);
        if (reason) mark(reason);
      }
    } else if (event.target.id === "day" && box.contains(event.detail.requestConfig.elt)) {
      query.value = "";
      hits.replaceChildren();
      delete hits.dataset.for;
      again();
    }
  });
}());
