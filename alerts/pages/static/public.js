"use strict";
for (const time of document.querySelectorAll("time[data-local]"))
  time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
const link = document.querySelector("link[rel=canonical]").href;
for (const button of document.querySelectorAll("[data-share]"))
  if (navigator.share) {
    button.hidden = false;
    button.onclick = () => navigator.share({ title: document.title, url: link }).catch(() => {});
  } else if (button.dataset.share === "else") button.hidden = false;
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.onclick = () =>
    navigator.clipboard.writeText(link).then(() => {
      button.textContent = button.dataset.copy;
    });
}
const state = document.body.dataset.state;
const check = () =>
  document.hidden ||
  fetch(location.pathname + "/state", { cache: "no-store" })
    .then((answer) => answer.text())
    .then((now) => now && now.trim() !== state && location.reload())
    .catch(() => {});
setInterval(check, 30000);
document.addEventListener("visibilitychange", check);
