"use strict";
// Every few seconds: has the inbox changed? Then the page is loaded anew.
const items = document.getElementById("items");
setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch("/inbox/shape", { cache: "no-store" }).catch(() => null);
  if (answer && answer.ok && (await answer.text()) !== items.dataset.shape) location.replace("/inbox");
}, 4000);
