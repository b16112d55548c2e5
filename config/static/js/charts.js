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
    const colours = ["--c-brand", "--c-stage-township", "--c-stage-village", "--c-stage-judicial", "--c-stage-returned", "--c-stage-closed"].map(function (name) { return tokens.getPropertyValue(name).trim(); });
    const kind = place.dataset.chart;
    const chart = window.echarts.init(place);
    chart.setOption({
      color: colours,
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      tooltip: { trigger: "axis", renderMode: "richText" },
      legend: heads.length > 2 ? { top: 0 } : undefined,
      grid: { left: 8, right: 16, top: heads.length > 2 ? 36 : 16, bottom: 8, containLabel: true },
      xAxis: { type: "category", data: rows.map(function (row) { return row.cells[0].textContent.trim(); }), axisLabel: { interval: 0, rotate: rows.length > 6 ? 40 : 0 } },
      yAxis: { type: "value", minInterval: 1 },
      series: heads.slice(1).map(function (head, i) {
        return { name: head, type: kind === "line" ? "line" : "bar", stack: kind === "stack" ? "all" : undefined, barMaxWidth: 36, label: { show: heads.length === 2, position: "top" }, data: rows.map(function (row) { return number(row.cells[i + 1]); }) };
      }),
    });
    // The picture repeats the table below it, so it is hidden from screen readers.
    place.setAttribute("aria-hidden", "true");
    window.addEventListener("resize", function () { chart.resize(); });
  }
  document.querySelectorAll("[data-chart]").forEach(draw);
}());
