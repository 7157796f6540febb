"use strict";
for (const time of document.querySelectorAll("time[data-local]"))
  time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
// How we came here ("push", "email": the same for everybody) is counted once and taken out of the address.
const here = new URL(location.href);
const way = here.searchParams.get("c") || history.state?.way || "";
here.searchParams.delete("c");
history.replaceState({ way }, "", here);
const by = "?c=" + encodeURIComponent(way.slice(0, 16));
const told = (what) => fetch(location.pathname + what + by, { method: "POST", keepalive: true, credentials: "omit" });
// Every share has a token of its own, made by the server: it tells the server alone how far from the first link it is.
const aways = document.querySelectorAll("section.share .row a");
let mark = document.body.dataset.mark;
let minting;
const link = () => document.querySelector("link[rel=canonical]").href + (mark ? "?c=" + mark : "");
const mint = () =>
  (minting = mark && told("/link").then((answer) => answer.ok && answer.text()).then((fresh) => {
    if (!fresh) return;
    for (const away of aways) away.href = away.href.replace(mark, fresh);
    mark = fresh;
  }, () => {}));
for (const first of ["pointerdown", "keydown"]) addEventListener(first, mint, { once: true });
const shared = () => told("/shared").then(mint, () => {});
for (const away of aways) away.addEventListener("click", shared);
let picture;
const fetched = () =>
  (picture ??= fetch(document.querySelector("meta[property='og:image']").content)
    .then((answer) => answer.blob())
    .then((blob) => new File([blob], "alert.jpg", { type: blob.type }), () => null));
const pass = async (event) => {
  event.preventDefault();
  const [file] = await Promise.race([Promise.all([fetched(), minting]), new Promise((done) => setTimeout(done, 1000, []))]);
  const what = { title: document.title, url: link() };
  const whole = file ? { ...what, files: [file] } : what;
  await navigator.share(navigator.canShare?.(whole) ? whole : what).then(shared, () => {});
};
for (const button of document.querySelectorAll("[data-share]"))
  if (navigator.share) {
    button.hidden = false;
    button.addEventListener("pointerdown", fetched);
    button.onclick = pass;
  }
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.onclick = () =>
    navigator.clipboard.writeText(link()).then(() => {
      button.textContent = button.dataset.copy;
      shared();
    });
}
const state = document.body.dataset.state;
const said = document.querySelector("[data-unsure]");
const since = () => {
  const at = document.querySelector("[data-ago]");
  const minutes = at && Math.floor((Date.now() - new Date(at.dateTime)) / 60000);
  if (minutes > 0) at.textContent = new Intl.RelativeTimeFormat(document.documentElement.lang, { style: "short" }).format(...(minutes < 100 ? [-minutes, "minute"] : [-Math.floor(minutes / 60), "hour"]));
};
const check = () =>
  document.hidden ||
  fetch(location.pathname + "/state", { cache: "no-store" })
    .then((answer) => answer.text())
    .then((now) => now && now.trim() !== state && location.reload(), () => said && (said.textContent = said.dataset.unsure))
    .then(since, since);
setInterval(check, 30000);
document.addEventListener("visibilitychange", check);
