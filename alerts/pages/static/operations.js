"use strict";
// Once a second: fresh numbers into the cells that changed; a new notice or state loads the page anew.
const box = document.getElementById("notices");
const clock = document.querySelector('[data-live="clock"]');
let busy = false;
const refresh = async () => {
  if (document.hidden || busy) return;
  busy = true;
  try {
    const answer = await fetch(box.dataset.src, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    const live = await answer.json();
    if (live.shape !== box.dataset.shape) return location.reload(); // stays busy: one reload is enough
    for (const cell of document.querySelectorAll("[data-live]")) {
      const value = live.values[cell.dataset.live];
      if (value !== undefined && cell.textContent !== value) cell.textContent = value;
    }
    for (const bar of document.querySelectorAll("[data-bar]")) {
      const [x, width] = live.bars[bar.dataset.bar] || [0, 0];
      bar.setAttribute("x", x);
      bar.setAttribute("width", width);
    }
  } catch {
    if (clock) clock.textContent = "No connection: numbers are old";
  }
  busy = false;
};
// A form on its way is not overtaken by a reload: its answer would be lost.
document.addEventListener("submit", () => { busy = true; });
if (box) setInterval(refresh, 1000);
