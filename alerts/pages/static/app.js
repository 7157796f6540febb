"use strict";
for (const time of document.querySelectorAll("time[data-local]"))
  time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
const faults = document.getElementById("faults");
const wrong = faults && document.querySelector("main [aria-invalid=true]"); // the first, in the order of the page
if (wrong) for (let box = wrong.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
(wrong || faults)?.focus();
const zone = document.querySelector("select[data-zone]");
if (zone && !zone.value) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zone.options].some((option) => option.value === own)) zone.value = own;
}
const counting = document.querySelector("[data-countdown]");
if (counting) {
  const until = Date.now() + 1000 * counting.textContent;
  setInterval(() => { counting.textContent = Math.max(0, Math.ceil((until - Date.now()) / 1000)); }, 200);
}
