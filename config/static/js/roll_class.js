/* Class roll: tap to mark and unmark, live counts, and only changed children are sent. */
(function () {
  "use strict";
  const form = document.querySelector("form[data-roll]");
  if (!form) return;
  const list = document.getElementById("roll-rows");
  const button = form.querySelector("[data-save]");
  const saveWord = button ? button.textContent.trim() : "";

  function rows() { return Array.from(list.children); }
  function reasonOf(row) { return row.querySelector("input[name^='reason-']:checked"); }
  function valueOf(row) {
    const reason = reasonOf(row).value;
    if (!reason) return "";
    const part = row.querySelector("input[name^='part-']:checked").value;
    return reason + ":" + part + ":" + row.querySelector(".roll-note").value.trim();
  }
  function isChanged(row) { return valueOf(row) !== row.querySelector("[data-seen]").value; }
  function put(name, text) {
    const place = form.querySelector("[data-count='" + name + "']");
    if (place) place.textContent = text;
  }
  function refresh() {
    const all = rows();
    const absent = all.filter(function (row) { return reasonOf(row).value; });
    const changed = all.filter(isChanged).length;
    form.dataset.changed = changed || "";
    put("expected", all.length);
    put("absent", absent.length);
    put("present", all.length - absent.length);
    if (!button) return;
    form.querySelector("[data-names]").textContent = absent.map(function (row) { return row.dataset.name; }).join("、");
    const taken = form.dataset.taken;
    // Counts alone say 全勤: pressing the button is the teacher's explicit zero report.
    const asked = document.querySelector("[data-testid='conflicts']");
    button.textContent = absent.length || changed || taken || asked ? saveWord : "全勤，保存";
    button.disabled = Boolean(taken && !changed && !asked);
    if (button.disabled) button.textContent = "已保存";
  }
  // A second tap on the name or on the chosen reason takes the mark away.
  list.addEventListener("click", function (event) {
    const label = event.target.closest("[data-toggle], [data-chip]");
    if (!label || form.querySelector(".roll-set").disabled) return;
    const row = label.closest(".roll-row");
    const marked = reasonOf(row);
    const again = label.hasAttribute("data-toggle") ? marked.value !== "" : marked.id === label.htmlFor;
    if (!again) return;
    event.preventDefault();
    row.querySelector(".r0").checked = true;
    row.querySelector(".r0").dispatchEvent(new Event("change", { bubbles: true }));
  });
  form.addEventListener("change", refresh);
  form.addEventListener("input", refresh);
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.target !== list) return;
    document.getElementById("off-list").open = false;
    event.detail.requestConfig.elt.reset();
    refresh();
    list.lastElementChild.scrollIntoView({ block: "center" });
  });
  form.addEventListener("submit", function (event) {
    if (event.defaultPrevented) return;
    rows().forEach(function (row) {
      const asked = document.querySelector("[name='conflict-" + row.dataset.child + "']");
      const send = asked || isChanged(row);
      row.querySelectorAll("input").forEach(function (input) { input.disabled = !send; });
    });
  });
  window.addEventListener("pageshow", function () {
    list.querySelectorAll("input").forEach(function (input) { input.disabled = false; });
    refresh();
  });
  refresh();
}());
