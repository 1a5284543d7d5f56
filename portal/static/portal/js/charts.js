// Draws the figures that the server put into data blocks, in the colours of the theme in force.
(() => {
  "use strict";

  const INKS = ["--chart-1", "--chart-2", "--chart-3", "--chart-4", "--chart-5", "--chart-6", "--chart-7", "--chart-8"];
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

  // A custom property may hold light-dark() or oklch(); the browser works it out, a canvas turns it into bytes.
  function ink(name, holder) {
    const mark = document.createElement("span");
    mark.className = `ink ink-${name.slice(2)}`;
    holder.append(mark);
    const colour = getComputedStyle(mark).color;
    mark.remove();
    probe.clearRect(0, 0, 1, 1);
    probe.fillStyle = colour;
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = probe.getImageData(0, 0, 1, 1).data;
    return `rgba(${r},${g},${b},${(a / 255).toFixed(3)})`;
  }

  // All names where a dozen fit; time and long lists are thinned out.
  function marks(data, compact) {
    const places = data[0] && Array.isArray(data[0].x) ? data[0].x : [];
    if (places.length && places.length <= (compact ? 8 : 14)) return places.length;
    return compact ? 4 : 8;
  }

  function themed(layout, holder, nticks) {
    const soft = ink("--ink-faint", holder);
    const rule = ink("--rule", holder);
    const axis = { gridcolor: rule, linecolor: rule, zerolinecolor: rule, tickfont: { color: soft, size: 11 }, ticks: "", fixedrange: true };
    return {
      ...layout,
      xaxis: { ...axis, showgrid: Boolean(layout.xaxis.tickformat), nticks, ...layout.xaxis },
      yaxis: { ...axis, showgrid: Boolean(layout.yaxis.tickformat), ...layout.yaxis },
      colorway: INKS.map((name) => ink(name, holder)),
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, color: ink("--ink-soft", holder), size: 12 },
      margin: { l: 8, r: 8, t: 8, b: 8, pad: 4 },
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 11 } },
      hoverlabel: { bgcolor: ink("--raised", holder), bordercolor: rule, font: { color: ink("--ink", holder) } },
      hovermode: "closest",
      bargap: 0.25,
      dragmode: false,
    };
  }

  function draw(holder) {
    const block = document.getElementById(holder.dataset.chart);
    if (!block) return;
    const figure = JSON.parse(block.textContent);
    const layout = themed(figure.layout, holder, marks(figure.data, holder.clientWidth < 480));
    Plotly.react(holder, figure.data, layout, { displayModeBar: false, responsive: true }).then(() => {
      if (holder.dataset.bound) return;
      holder.dataset.bound = "yes";
      holder.on("plotly_click", (event) => choose(holder, event.points[0], event.event));
    });
  }

  const literal = (value) => `'${String(value).replaceAll("'", "''")}'`;

  // A mark's value on the axis that counts nothing, and the name of its series.
  const placeOf = (point) => String(point.data.orientation === "h" ? point.y : point.x);

  function filtered(filters, point) {
    const url = new URL(window.location.href);
    for (const [filter, part] of Object.entries(filters)) {
      url.searchParams.set(filter, part === "series" ? point.data.name : placeOf(point));
    }
    return url.href;
  }

  function rowsOf(marks, point) {
    const where = [[marks.x, placeOf(point)], [marks.series, point.data.name]].filter(([column]) => column);
    const words = where.map(([column, value]) => `${column} = ${literal(value)}`).join(" and ");
    const sql = `select *\nfrom ${marks.table}\nwhere ${words}\nlimit 100`;
    return `${marks.workbench}?${new URLSearchParams({ sql })}`;
  }

  // A click on a mark opens what can be done with it, where the click was.
  function choose(holder, point, at) {
    const menu = holder.parentElement.querySelector(".marks");
    if (!menu || !holder.dataset.marks) return;
    const marks = JSON.parse(holder.dataset.marks);
    const series = holder.data.length > 1 ? `${point.data.name}, ` : "";
    menu.querySelector("[data-mark]").textContent = `${series}${placeOf(point)}`;
    const only = menu.querySelector("[data-mark-filter]");
    only.parentElement.hidden = !Object.keys(marks.filters).length;
    only.href = filtered(marks.filters, point);
    const rows = menu.querySelector("[data-mark-rows]");
    rows.parentElement.hidden = !marks.x && !marks.series;
    rows.href = rowsOf(marks, point);
    menu.querySelector("[data-mark-sql]").parentElement.hidden = !holder.closest(".tile").querySelector('[id^="counted-"]');
    menu.showPopover();
    const box = menu.getBoundingClientRect();
    menu.style.left = `${Math.max(8, Math.min(at.clientX, window.innerWidth - box.width - 8))}px`;
    menu.style.top = `${Math.max(8, Math.min(at.clientY, window.innerHeight - box.height - 8))}px`;
    menu.querySelector("li:not([hidden]) a").focus();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-mark-sql]");
    if (!link) return;
    const details = link.closest(".tile").querySelector('[id^="counted-"]');
    link.closest(".marks").hidePopover();
    details.open = true;
    details.querySelector("summary").focus();
    event.preventDefault();
  });

  function drawAll(root) {
    const holders = root.matches && root.matches("[data-chart]") ? [root] : root.querySelectorAll("[data-chart]");
    holders.forEach(draw);
  }

  // A preset button sends the period itself; the hidden copy would send it twice.
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || !button.name || !event.target.matches(".filters")) return;
    event.target.querySelectorAll(`[data-kept][name="${CSS.escape(button.name)}"]`).forEach((field) => field.remove());
  });

  document.addEventListener("htmx:afterSettle", (event) => drawAll(event.detail.elt));
  document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(document));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => drawAll(document));
  else drawAll(document);
})();
