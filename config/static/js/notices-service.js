/* The service form: shows only the fields that the chosen way and result ask for. */
(function () {
  "use strict";
  document.querySelectorAll("form[data-service]").forEach(function (form) {
    function chosen(name) {
      const picked = form.querySelector("[name='" + name + "']:checked") || form.querySelector("select[name='" + name + "']");
      return picked ? picked.value : "";
    }
    function show() {
      const result = chosen("result");
      const key = result === "served" ? chosen("method") : result;
      form.querySelectorAll("[data-needs]").forEach(function (part) {
        part.hidden = part.dataset.needs.split(" ").indexOf(key) < 0;
      });
    }
    form.addEventListener("change", show);
    show();
  });
}());
