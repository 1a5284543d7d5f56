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
      holder.on("plotly_click", (event) => choose(holder, event.points[0]));
    });
  }

  // Clicking a mark sets the filters the definition names, to the mark's place or series.
  function choose(holder, point) {
    const clicks = Object.entries(JSON.parse(holder.dataset.click || "{}"));
    if (!clicks.length) return;
    const url = new URL(window.location.href);
    for (const [filter, part] of clicks) {
      const value = part === "series" ? point.data.name : point.data.orientation === "h" ? point.y : point.x;
      url.searchParams.set(filter, value);
    }
    window.location.assign(url);
  }

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
