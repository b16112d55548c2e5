/* Says plainly when a background request failed, closes menus, guards double submits, shows weekdays beside days. */
(function () {
  "use strict";
  function say(text, kind) {
    const place = document.getElementById("flash");
    if (!place) return;
    const box = document.createElement("div");
    box.className = "flash flash-" + (kind || "error");
    box.setAttribute("role", "status");
    box.textContent = text;
    place.replaceChildren(box);
    place.scrollIntoView({ block: "center" });
  }
  window.baoxueSay = say;
  document.addEventListener("htmx:sendError", function () { say("网络不通，刚才的操作没有成功。请联网后再试一次。"); });
  document.addEventListener("htmx:timeout", function () { say("等待时间过长，刚才的操作没有成功。请再试一次。"); });
  document.addEventListener("htmx:responseError", function (event) {
    const status = event.detail.xhr.status;
    if (status === 403) say("没有这项权限，或登录已过期。请刷新页面后重试。");
    else if (status === 404) say("没有找到，或不在您的管辖范围。请刷新页面后重试。");
    else say("系统没有完成这项操作（" + status + "）。请稍后再试；仍不行请联系系统管理员。");
  });
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-menu][open]").forEach(function (menu) {
      menu.removeAttribute("open");
      menu.querySelector("summary").focus();
    });
  });
  // Room enough: filters need not be folded.
  if (window.matchMedia("(min-width: 62rem)").matches) {
    document.querySelectorAll("details[data-wide-open]").forEach(function (box) { box.open = true; });
  }
  // A day is thought of by its weekday: every day picker shows it, unless the page says it itself (data-dated).
  const WEEK = "日一二三四五六";
  const dated = new WeakSet();
  function sayWeekday(input) {
    if (dated.has(input)) return;
    dated.add(input);
    const word = document.createElement("span");
    word.className = "weekday";
    word.setAttribute("aria-live", "polite");
    input.after(word);
    function show() {
      const day = new Date(input.value + "T12:00:00");
      word.textContent = isNaN(day) ? "" : "周" + WEEK[day.getDay()];
    }
    input.addEventListener("input", show);
    show();
  }
  function sayWeekdays() { document.querySelectorAll("input[type='date']:not([data-dated])").forEach(sayWeekday); }
  sayWeekdays();
  // What a background request brings has day pickers too.
  document.addEventListener("htmx:afterSwap", sayWeekdays);
  // A second press while the first is under way would only make the server do the work twice.
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(function () { delete form.dataset.sent; }, 4000);
  });
  // Coming back with the back button must not leave the form locked.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
  });
}());
