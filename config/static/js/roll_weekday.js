/* Shows the weekday beside every day picker: a leave is asked for by weekday. */
(function () {
  "use strict";
  const WORDS = "日一二三四五六";
  document.querySelectorAll("input[type='date']").forEach(function (input) {
    const word = document.createElement("span");
    word.className = "weekday";
    word.setAttribute("aria-live", "polite");
    input.after(word);
    function show() {
      const day = new Date(input.value + "T12:00:00");
      word.textContent = isNaN(day) ? "" : "周" + WORDS[day.getDay()];
    }
    input.addEventListener("input", show);
    show();
  });
}());
