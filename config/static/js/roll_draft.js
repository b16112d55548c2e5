/* Class roll: keeps unsaved marks in this browser until they are saved (ids and marks only, three days at most). */
(function () {
  "use strict";
  const form = document.querySelector("form[data-roll]");
  if (!form || !form.querySelector("[data-save]")) return;
  const PREFIX = "baoxue-roll:";
  const KEEP_MS = 3 * 24 * 3600 * 1000;
  const key = PREFIX + form.dataset.key;
  const version = form.elements.version.value;
  const note = document.getElementById("draft-note");
  let store;
  try { store = window.localStorage; store.length; } catch (error) { return; }

  function show(text, undo) {
    const box = document.createElement("div");
    box.className = "flash flash-warning";
    box.dataset.testid = "draft";
    box.textContent = text;
    if (undo) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-plain";
      button.textContent = "放弃这些登记";
      button.addEventListener("click", undo);
      box.append(" ", button);
    }
    note.replaceChildren(box);
  }
  function read(name) {
    try { return JSON.parse(store.getItem(name)); } catch (error) { return null; }
  }
  function valueOf(row) {
    return [row.querySelector("[name^='reason-']:checked").value, row.querySelector("[name^='part-']:checked").value, row.querySelector(".roll-note").value];
  }
  function seenOf(row) { return row.querySelector("[data-seen]").value; }
  function text(value) { return value[0] ? value[0] + ":" + value[1] + ":" + value[2].trim() : ""; }
  function keep() {
    const marks = {};
    document.querySelectorAll("#roll-rows > .roll-row").forEach(function (row) {
      const value = valueOf(row);
      if (text(value) !== seenOf(row)) marks[row.dataset.child] = value;
    });
    if (!Object.keys(marks).length) { store.removeItem(key); return; }
    try { store.setItem(key, JSON.stringify({ version: version, at: Date.now(), marks: marks })); } catch (error) { /* full: the page still works */ }
  }
  function apply(row, value) {
    row.querySelectorAll("[name^='reason-']").forEach(function (input) { input.checked = input.value === value[0]; });
    row.querySelectorAll("[name^='part-']").forEach(function (input) { input.checked = input.value === value[1]; });
    row.querySelector(".roll-note").value = value[2];
  }
  function restore(draft) {
    const found = [];
    // Sent already: these wait for a second person.
    const waiting = form.dataset.waiting.split(" ");
    document.querySelectorAll("#roll-rows > .roll-row").forEach(function (row) {
      const value = draft.marks[row.dataset.child];
      if (value && waiting.indexOf(row.dataset.child) < 0 && text(value) !== seenOf(row)) found.push([row, value]);
    });
    if (!found.length) { store.removeItem(key); return; }
    const names = found.map(function (pair) { return pair[0].dataset.name; }).join("、");
    if (draft.version !== version) {
      store.removeItem(key);
      show("上次有没保存的登记（" + names + "），期间名册已有更新，没有自动填入。请核对后重新点选。");
      return;
    }
    found.forEach(function (pair) { apply(pair[0], pair[1]); });
    form.dispatchEvent(new Event("change"));
    show("已找回上次没保存的登记：" + names + "。请核对后点保存。", function () { store.removeItem(key); form.dataset.changed = ""; window.location.reload(); });
  }
  Object.keys(store).filter(function (name) { return name.startsWith(PREFIX); }).forEach(function (name) {
    const old = read(name);
    if (!old || Date.now() - old.at > KEEP_MS) store.removeItem(name);
  });
  const draft = read(key);
  // A page shown again after an error already carries what was typed.
  if (draft && !form.querySelector(".errors")) restore(draft);
  form.addEventListener("change", keep);
  form.addEventListener("input", keep);
  form.addEventListener("submit", function (event) {
    if (navigator.onLine) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    show("现在没有网络，还没有保存。登记已留在本机，联网后再点一次保存。");
    note.scrollIntoView({ block: "center" });
  }, true);
  window.addEventListener("online", function () { if (form.dataset.changed) show("网络已恢复，请点保存。"); });
}());
