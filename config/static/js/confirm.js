/* Asks in a dialog before a button with data-confirm acts; without dialogs, or without script, it acts at once. */
(function () {
  "use strict";
  const dialog = document.getElementById("confirm");
  if (!dialog || !dialog.showModal) return;
  const text = document.getElementById("confirm-text");
  const yes = dialog.querySelector("[data-yes]");
  let go = null;
  function ask(question, word, then) {
    text.textContent = question;
    yes.textContent = word || "确定";
    go = then;
    dialog.showModal();
  }
  yes.addEventListener("click", function () { dialog.close(); if (go) go(); go = null; });
  dialog.querySelector("[data-no]").addEventListener("click", function () { dialog.close(); go = null; });
  document.addEventListener("click", function (event) {
    const button = event.target.closest("button[data-confirm]");
    if (!button || button.dataset.sure) return;
    event.preventDefault();
    event.stopPropagation();
    ask(button.dataset.confirm, button.dataset.confirmYes, function () {
      button.dataset.sure = "1";
      button.click();
      delete button.dataset.sure;
    });
  }, true);
}());
