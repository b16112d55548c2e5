/* What was sent with an expired sign-in is not lost: kept in this tab for this person, put back when the form opens again. */
(function () {
  "use strict";
  const KEY = "baoxue-form";
  const who = document.body.dataset.person || "";
  let store;
  try { store = window.sessionStorage; store.length; } catch (error) { return; }

  function typed(form) {
    return Array.from(form.elements).filter(function (field) {
      return field.name && !["hidden", "file", "password", "submit", "button"].includes(field.type);
    });
  }
  function ticks(field) { return field.type === "radio" || field.type === "checkbox"; }
  function values(form) {
    return typed(form).map(function (field) { return [field.name, field.value, ticks(field) ? field.checked : null]; });
  }
  function putBack(form, kept) {
    let changed = false;
    typed(form).forEach(function (field) {
      const own = kept.find(function (one) { return one[0] === field.name && (one[2] === null || one[1] === field.value); });
      if (!own || (own[2] === null ? field.value === own[1] : field.checked === own[2])) return;
      if (own[2] === null) field.value = own[1];
      else field.checked = own[2];
      changed = true;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    return changed;
  }

  const form = document.querySelector("form[data-guard]:not([data-roll])");
  let draft = null;
  try { draft = JSON.parse(store.getItem(KEY)); } catch (error) { store.removeItem(KEY); }
  if (form && draft && draft.path === location.pathname && draft.who === who) {
    if (putBack(form, draft.values)) window.baoxueSay("上次没有保存成功，已找回您填写的内容，请核对后再保存。", "warning");
  } else if (draft && !document.querySelector("[data-keeps-draft]")) {
    // Any other page means that it was saved, or given up.
    store.removeItem(KEY);
  }
  if (form) {
    form.addEventListener("submit", function (event) {
      if (event.defaultPrevented) return;
      try { store.setItem(KEY, JSON.stringify({ path: location.pathname, who: who, values: values(form) })); } catch (error) { return; }
    });
  }
}());
