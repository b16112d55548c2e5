/* Lets quick taps on the rehearsal wait for each other: every press sends the story back and gets it anew. */
(function () {
  "use strict";
  const PRESSED = "#rehearsal form[hx-post] button[name='act']";
  let busy = false;
  let waiting = [];
  // While an answer is under way a press would be lost with the page it was made on: it is kept for the new page.
  document.addEventListener("click", function (event) {
    const button = event.target.closest(PRESSED);
    if (!button || !busy) return;
    event.preventDefault();
    event.stopPropagation();
    waiting.push(button.value);
  }, true);
  document.addEventListener("htmx:beforeRequest", function (event) {
    if (event.target.closest("#rehearsal")) busy = true;
  });
  function next() {
    busy = false;
    const value = waiting.shift();
    if (value === undefined) return;
    const button = Array.from(document.querySelectorAll(PRESSED)).find(function (one) { return one.value === value; });
    if (button) button.click();
    else waiting = [];
  }
  document.addEventListener("htmx:afterSettle", next);
  ["htmx:sendError", "htmx:timeout", "htmx:responseError"].forEach(function (name) {
    document.addEventListener(name, function () { busy = false; waiting = []; });
  });
}());
