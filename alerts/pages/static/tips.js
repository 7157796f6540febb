// Says when more has come than the page shows; what came is opened only when somebody asks for it.
"use strict";
(() => {
  const EVERY_MS = 10000;
  const counted = document.querySelector("[data-tips]");
  const link = document.querySelector("[data-tips-new]");
  if (!counted) return;
  async function look() {
    try {
      const answer = await fetch(counted.dataset.tips, { headers: { accept: "application/json" } });
      if (!answer.ok) return;
      const told = await answer.json();
      if (link) link.hidden = told.all <= Number(counted.dataset.all);
      if (counted.hasAttribute("data-words")) counted.textContent = `${told.all} in all, ${told.unread} not marked as read`;
    } catch { /* the next look tells */ }
  }
  setInterval(look, EVERY_MS);
})();
