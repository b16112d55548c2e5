/* Class roll by keyboard: arrows move, digits mark, letters jump by initials, Ctrl+Enter saves. */
(function () {
  "use strict";
  const form = document.querySelector("form[data-roll]");
  const list = document.getElementById("roll-rows");
  if (!form || !form.querySelector("[data-save]")) return;
  const jump = document.getElementById("jump");
  let at = -1;
  let typed = "";
  let timer = 0;

  function rows() { return Array.from(list.children); }
  function go(index, scroll) {
    const all = rows();
    if (!all.length) return;
    at = Math.max(0, Math.min(all.length - 1, index));
    all.forEach(function (row, i) { row.classList.toggle("is-current", i === at); row.tabIndex = i === at ? 0 : -1; });
    if (scroll === false) return;
    all[at].focus({ preventScroll: true });
    all[at].scrollIntoView({ block: "nearest" });
  }
  function check(input) {
    if (!input || input.checked) return;
    input.checked = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function digit(key) {
    if (at < 0) go(0);
    const row = rows()[at];
    if (key <= "5") check(row.querySelector(".r" + key));
    else if (key >= "7" && row.querySelector(".is-absent:checked")) check(row.querySelectorAll("[name^='part-']")[key - 7]);
  }
  function letter(key) {
    clearTimeout(timer);
    timer = setTimeout(function () { typed = ""; }, 1500);
    typed += key.toLowerCase();
    const all = rows();
    const hit = all.findIndex(function (row) { return row.dataset.initials.startsWith(typed); });
    if (hit >= 0) go(hit);
    const same = all.filter(function (row) { return row.dataset.initials.startsWith(typed); }).length;
    jump.textContent = typed + (hit < 0 ? "：没有这个首字母" : "：" + all[hit].dataset.name + (same > 1 ? " 等" + same + "人，按↓看下一人" : ""));
    if (hit < 0) typed = "";
  }
  document.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.querySelector("[data-save]").click();
      return;
    }
    const field = event.target.closest("input:not([type='radio']), textarea, select, dialog, .menu-body");
    if (field || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "ArrowDown") go(at + 1);
    else if (event.key === "ArrowUp") go(at - 1);
    else if (/^[0-57-9]$/.test(event.key)) digit(event.key);
    else if (/^[a-z]$/i.test(event.key)) letter(event.key);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", function (event) {
    const row = event.target.closest(".roll-row");
    if (row) go(rows().indexOf(row), false);
  });
}());
