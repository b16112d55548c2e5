/* Warns before a page with unsaved changes is left. A form with data-guard opts in. */
(function () {
  "use strict";
  document.querySelectorAll("form[data-guard]").forEach(function (form) {
    let leaving = false;
    if (!form.hasAttribute("data-roll")) form.addEventListener("input", function () { form.dataset.changed = "1"; });
    form.addEventListener("submit", function (event) { leaving = !event.defaultPrevented; });
    window.addEventListener("pageshow", function () { leaving = false; });
    window.addEventListener("beforeunload", function (event) {
      if (leaving || !form.dataset.changed) return;
      event.preventDefault();
      event.returnValue = "";
    });
  });
}());
