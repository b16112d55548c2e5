/* Event forms: marks the chosen chip, says when an entry is late, shows only the reason when an entry is voided. */
(function () {
  "use strict";
  function mark(box) {
    box.querySelectorAll("label").forEach(function (label) {
      const input = label.querySelector("input");
      label.classList.toggle("is-on", !!input && input.checked);
    });
  }
  document.querySelectorAll("div.chips").forEach(function (box) {
    mark(box);
    box.addEventListener("change", function () { mark(box); });
  });
  document.querySelectorAll("form[data-event]").forEach(function (form) {
    const day = form.querySelector("[name='happened_on']");
    const note = document.createElement("p");
    note.className = "late-note";
    note.setAttribute("aria-live", "polite");
    function late() {
      // A correction that keeps the day is late in nothing: the first entry stays on record.
      const kept = form.querySelector("[name='mend']") && day.value === day.defaultValue;
      const days = !kept && day.value ? Math.round((Date.parse(form.dataset.today) - Date.parse(day.value)) / 86400000) : 0;
      note.textContent = days > 0 ? "补录：晚" + days + "天，不算当日办理。" : "";
    }
    if (day) {
      day.parentNode.appendChild(note);
      day.addEventListener("change", late);
      late();
    }
    function voided() {
      const only = form.querySelector("[name='mend'][value='void']");
      if (!only) return;
      form.querySelectorAll(".field, .files, .files-note").forEach(function (field) {
        const own = field.querySelector("[name='correction'], [name='mend']");
        field.hidden = only.checked && !own;
      });
    }
    form.addEventListener("change", voided);
    voided();
  });
}());
