"use strict";
// Fresh numbers into the cells that changed, by a stream or else once a second; a new notice or state loads the page anew.
const box = document.getElementById("notices");
const clock = document.querySelector('[data-live="clock"]');
let stale = 0;
let leaving = false;
const old = (words) => { if (clock) clock.textContent = words; };
const apply = (live) => {
  clearTimeout(stale);
  if (live.shape !== box.dataset.shape && !leaving && !document.querySelector("details.act[open]")) {
    leaving = true; // one reload is enough; nobody's question is closed under their hands
    return location.reload();
  }
  for (const cell of document.querySelectorAll("[data-live]")) {
    const value = live.values[cell.dataset.live];
    if (value !== undefined && cell.textContent !== value) cell.textContent = value;
  }
  for (const bar of document.querySelectorAll("[data-bar]")) {
    const [x, width] = live.bars[bar.dataset.bar] || [0, 0];
    bar.setAttribute("x", x);
    bar.setAttribute("width", width);
  }
};
let busy = false;
const ask = async () => {
  if (document.hidden || busy) return;
  busy = true;
  try {
    const answer = await fetch(box.dataset.src, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    apply(await answer.json());
  } catch {
    old("No connection: numbers are old");
  }
  busy = false;
};
// A form on its way is not overtaken by a reload: its answer would be lost.
addEventListener("submit", () => { leaving = true; });
const plots = {};
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
const draw = (name, at, lines) => {
  const place = document.querySelector(`[data-chart="${name}"]`);
  const key = lines.map((line) => line.name).join();
  const data = [at, ...lines.map((line) => line.values)];
  if (plots[name]?.key === key) return plots[name].chart.setData(data);
  plots[name]?.chart.destroy();
  const forced = matchMedia("(forced-colors: active)").matches;
  const ink = forced ? "CanvasText" : colour("--ink");
  const colours = forced ? ["CanvasText"] : [colour("--link"), colour("--edge"), colour("--amber"), colour("--leaf")];
  const axis = { stroke: ink, grid: { stroke: forced ? "CanvasText" : colour("--line"), width: 1 }, ticks: { show: false } };
  const options = {
    width: place.clientWidth, height: 190, cursor: { show: false }, ms: 1e-3,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), "Etc/UTC"),
    axes: [{ ...axis, space: 80, values: (_, ticks) => ticks.map((tick) => new Date(tick * 1e3).toISOString().slice(11, ticks.length > 1 && ticks[1] - ticks[0] < 60 ? 19 : 16)) }, { ...axis, size: 60 }],
    // A minute at least: of one sample uPlot would make two days, and write every midnight as 00:00.
    scales: { x: { range: (_, low, high) => [Math.min(low, high - 60), high] }, y: { range: (_, low, high) => [0, Math.max(high || 0, 1) * 1.05] } },
    legend: { live: false },
    series: [{ label: "UTC" }, ...lines.map((line, n) => ({
      label: line.name, stroke: colours[n % colours.length], width: 2, dash: DASHES[n % DASHES.length], spanGaps: false, points: { size: 4 },
    }))],
  };
  plots[name] = { key, chart: new uPlot(options, data, place) };
};
let last;
const chart = (series) => {
  last = series;
  if (typeof uPlot === "undefined" || !series.at.length) return;
  document.querySelector(".charts").hidden = false;
  draw("rates", series.at, series.rates);
  draw("waits", series.at, Object.entries(series.waits).map(([name, values]) => ({ name, values })));
};
const again = () => {
  for (const name of Object.keys(plots)) {
    plots[name].chart.destroy();
    delete plots[name];
  }
  if (last) chart(last);
};
if (box && window.EventSource && box.dataset.events) {
  const stream = new EventSource(box.dataset.events);
  stream.addEventListener("look", (event) => apply(JSON.parse(event.data)));
  stream.addEventListener("series", (event) => chart(JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    clearTimeout(stale);
    const over = stream.readyState === EventSource.CLOSED;
    stale = setTimeout(() => old(over ? "Not live any more: load the page again" : "No connection: numbers are old"), over ? 0 : 4000);
  });
  addEventListener("resize", again);
  for (const media of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) matchMedia(media).addEventListener("change", again);
} else if (box) setInterval(ask, 1000);
