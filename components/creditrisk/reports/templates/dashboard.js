const figures = {};
for (const script of document.querySelectorAll("script[data-figure]"))
  figures[script.dataset.figure] = JSON.parse(script.textContent);

function draw(plot) {
  const { data, layout } = figures[plot.id];
  Plotly.react(plot, data, layout, { displayModeBar: false, responsive: true });
  if (plot.id == "history") plot.on("plotly_click", openMonth);
}

// figures over months show the newest of them; tables keep all
function choose(count) {
  for (const { data, layout } of Object.values(figures))
    for (const name of Object.keys(layout).filter((key) => key.startsWith("xaxis"))) {
      const axis = layout[name];
      if (axis.type != "date" || !axis.range) continue;
      const [first, last] = axis.all ||= [...axis.range], start = new Date(last);
      start.setUTCMonth(start.getUTCMonth() - count);
      const from = start.toISOString().slice(0, 10);
      axis.range = [from < first ? first : from, last];
      data.filter(({ base }) => base).forEach((bar) => begin(bar, axis.range[0]));
    }
  for (const plot of document.querySelectorAll(".js-plotly-plot")) draw(plot);
  for (const button of document.querySelectorAll("[data-months]"))
    button.setAttribute("aria-pressed", button.dataset.months == count);
}

// a champion's bar begins no earlier than the months that are shown: its name stands there
function begin(bar, first) {
  const [base, length] = bar.whole ||= [Date.parse(bar.base[0]), bar.x[0]];
  const start = Math.min(base + length, Math.max(base, Date.parse(first)));
  bar.base = [new Date(start).toISOString().slice(0, 10)];
  bar.x = [base + length - start];
}

// the report of a month lies where its row of the table leads
function openMonth({ points: [point] }) {
  const day = String(point.base || point.x).slice(0, 10);
  const row = document.querySelector(`a[data-month="${day}"]`);
  if (row) location.href = row.href;
}

function row(name, ...numbers) {
  const line = document.createElement("tr");
  line.insertCell().textContent = name;
  for (const number of numbers) Object.assign(line.insertCell(), { className: "n", textContent: number });
  return line;
}

function explore() {
  const { shares, frozen, champions } = JSON.parse(document.getElementById("explorer").textContent);
  const feature = document.getElementById("feature"), month = document.getElementById("month");
  const plot = document.getElementById("distribution"), text = document.getElementById("distribution-text");
  const table = document.querySelector("#bins tbody");
  const cent = (share) => (100 * share).toFixed(1) + "%";

  function show() {
    const [labels, before] = (frozen[champions[month.value]] || {})[feature.value] || [[], []];
    const now = (shares[feature.value] || {})[month.value] || [];
    const when = month.value.slice(0, 7);
    const [then, current] = figures.distribution.data;
    figures.distribution.layout.xaxis.labelalias = Object.fromEntries(
      labels.filter((bin) => bin.length > 40).map((bin) => [bin, bin.slice(0, 40) + "…"]));
    Object.assign(then, { x: labels, y: before });
    Object.assign(current, { x: labels, y: now, name: when });
    current.hovertemplate = "%{x}: <b>%{y:.1%}</b><extra>" + when + "</extra>";
    text.textContent = now.length
      ? `${feature.value}, ${when}, beside the reference of the model it measures.`
      : `${feature.value} was not compared in ${when}.`;
    table.replaceChildren(...now.map((share, n) => row(labels[n], cent(before[n]), cent(share))));
    draw(plot);
  }
  feature.addEventListener("change", show);
  month.addEventListener("change", show);
  const heat = document.getElementById("csi");
  draw(heat);
  heat.on("plotly_click", ({ points: [cell] }) => {
    feature.value = cell.y;
    month.value = cell.x.slice(0, 10);
    show();
  });
}

// a figure is drawn when it comes near: a page of thirty opens at once
const plots = document.querySelectorAll(".plot");
const near = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen)
    if (isIntersecting) { near.unobserve(target); draw(target); }
}, { rootMargin: "600px" });
plots.forEach((plot) => near.observe(plot));
for (const button of document.querySelectorAll("[data-months]"))
  button.addEventListener("click", () => choose(Number(button.dataset.months)));
if (document.getElementById("explorer")) explore();
window.addEventListener("beforeprint", () => plots.forEach(draw));
