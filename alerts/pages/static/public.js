"use strict";
for (const time of document.querySelectorAll("time[data-local]"))
  time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
// How we came here ("push", "email": the same for everybody) is counted once and taken out of the address.
const here = new URL(location.href);
const way = here.searchParams.get("c") || "";
here.searchParams.delete("c");
history.replaceState(null, "", here);
const shared = () =>
  fetch(location.pathname + "/shared?c=" + encodeURIComponent(way.slice(0, 16)), { method: "POST", keepalive: true, credentials: "omit" }).catch(() => {});
for (const away of document.querySelectorAll("section.share a")) away.addEventListener("click", shared);
const link = document.querySelector("link[rel=canonical]").href + "?c=share";
for (const button of document.querySelectorAll("[data-share]"))
  if (navigator.share) {
    button.hidden = false;
    button.onclick = () => navigator.share({ title: document.title, url: link }).then(shared, () => {});
  } else if (button.dataset.share === "else") button.hidden = false;
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.onclick = () =>
    navigator.clipboard.writeText(link).then(() => {
      button.textContent = button.dataset.copy;
      shared();
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
