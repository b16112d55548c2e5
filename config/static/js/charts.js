/* Draws a chart from the table under it: <div class="chart" data-chart="bar|stack|line" data-table="id">. */
(function () {
  "use strict";
  function number(cell) { return parseFloat(cell.textContent.replace(/[,%\s]/g, "")) || 0; }
  function draw(place) {
    const table = document.getElementById(place.dataset.table);
    if (!table || !window.echarts) return;
    const heads = Array.from(table.tHead.rows[0].cells).map(function (cell) { return cell.textContent.trim(); });
    const rows = Array.from(table.tBodies[0].rows).filter(function (row) { return row.cells.length === heads.length; });
    const tokens = getComputedStyle(document.documentElement);
    // One for each stage, in the order of the columns; 安置期内 is grey, as what rests.
    const colours = ["--c-stage-school", "--c-stage-village", "--c-stage-township", "--c-stage-county", "--c-stage-judicial", "--c-stage-closed", "--c-stage-returned"].map(function (name) { return tokens.getPropertyValue(name).trim(); });
    const kind = place.dataset.chart, many = heads.length > 2;
    const names = rows.map(function (row) { return row.cells[0].textContent.trim(); });
    // Many names, or names wider than the bar's share of the width, stand readable only beside lying bars.
    const longest = Math.max(0, ...names.map(function (name) { return name.length; })) * 12 + 8;
    const lying = kind !== "line" && (rows.length > 6 || longest > (place.clientWidth - 60) / rows.length);
    if (lying) place.style.height = (rows.length * 26 + (many ? 90 : 40)) + "px";
    // The legend takes as many lines as the width makes it; none of them may lie on the bars.
    const legend = many ? Math.ceil((heads.length - 1) / Math.max(1, Math.floor(place.clientWidth / 100))) * 24 : 0;
    const chart = window.echarts.init(place);
    const named = { type: "category", data: names, inverse: lying, axisTick: { show: !lying }, axisLabel: { interval: kind === "line" ? "auto" : 0, width: lying ? 120 : undefined, overflow: lying ? "truncate" : undefined } };
    const counted = { type: "value", minInterval: 1 };
    chart.setOption({
      color: colours,
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: kind === "line" ? "line" : "shadow" } },
      legend: many ? { top: 0 } : undefined,
      grid: { left: 8, right: lying ? 40 : 16, top: many ? legend + 20 : 20, bottom: 8, containLabel: true },
      xAxis: lying ? counted : named,
      yAxis: lying ? named : counted,
      series: heads.slice(1).map(function (head, i) {
        return { name: head, type: kind === "line" ? "line" : "bar", stack: kind === "stack" ? "all" : undefined, barMaxWidth: lying ? 18 : 36, label: { show: !many, position: lying ? "right" : "top" }, data: rows.map(function (row) { return number(row.cells[i + 1]); }) };
      }),
    });
    // The picture repeats the table below it, so it is hidden from screen readers.
    place.setAttribute("aria-hidden", "true");
    window.addEventListener("resize", function () { chart.resize(); });
  }
  document.querySelectorAll("[data-chart]").forEach(draw);
}());
