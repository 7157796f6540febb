"use strict";
// What is typed is kept by itself, on the server alone: nothing of it stays in this browser. Who else is on the same alert
// is told, and each field on which two differ asks which of them stays.
const WAIT_MS = 1500, AGAIN_MS = 5000, LOOK_MS = 2500;
const json = { accept: "application/json" };
const same = (one, other) => one.trim().split(/\s+/).join(" ") === other.trim().split(/\s+/).join(" ");
const made = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text, ...more });
const hour = (at) => new Date(at).toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" });

const keeping = (form) => {
  const kept = form.querySelector("[data-kept]"), lost = form.querySelector("[data-not-kept]");
  let typed = false, photos = false, left = false, running = false, timer, since = form.dataset.keep;
  const tell = (good, bad = "") => {
    kept.textContent = good;
    if (lost.textContent !== bad) lost.textContent = bad;
    lost.hidden = !bad;
  };
  const body = (whole) => {
    const fields = new FormData(form);
    for (const name of new Set(fields.keys())) if (name === "drawn" || (!whole && (name === "photos" || name.startsWith("held.")))) fields.delete(name);
    fields.set("alert", form.dataset.changes);
    fields.set("since", since);
    if (whole) fields.set("with_photos", "yes");
    return fields;
  };
  const later = (wait) => { timer ??= setTimeout(keep, wait); };
  const failed = async (answer) => {
    if (answer.status === 401) return "Not kept: you are signed out. Sign in in another window, then go on here.";
    if (answer.status === 413) return "Not kept: the photos are too large.";
    const said = await answer.json().catch(() => ({}));
    if (answer.status === 409) left = true;
    return "Not kept: " + (said.problems?.[0]?.message || said.detail || "a fault on our side");
  };
  const keep = async (leaving = false) => {
    clearTimeout(timer);
    timer = undefined;
    if (left || !typed || running) return;
    const whole = photos;
    typed = photos = false;
    running = true;
    let why = "Not kept: no connection. It is tried again.";
    try {
      const answer = await fetch("/console/copies", { method: "POST", headers: json, body: body(whole), keepalive: leaving === true && !whole });
      why = answer.ok ? "" : await failed(answer);
      if (answer.ok) {
        since = (await answer.json()).at;
        tell(`Kept at ${hour(since)}, not submitted.`);
      }
    } catch { /* the sentence is there */ }
    running = false;
    if (left && !why) return;
    if (why) {
      tell("", why);
      typed = true;
      photos ||= whole;
      if (!left) later(AGAIN_MS);
    } else if (typed) later(WAIT_MS);
  };
  form.addEventListener("input", (event) => {
    if (!event.target.name) return;
    typed = true;
    photos ||= event.target.type === "file" || event.target.name.startsWith("keep.");
    later(WAIT_MS);
  });
  form.addEventListener("submit", () => { left = true; });
  addEventListener("pageshow", (event) => { if (event.persisted) left = false; });
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(true); });
};

const beside = (form, around) => {
  const notes = new Map(), decided = new Set();
  let seen = "", said = "", people = [], told = [];
  const held = (at) => at.type === "checkbox" ? (at.checked ? at.value : "") : at.value;
  const put = (at, text) => {
    if (at.type === "checkbox") at.checked = Boolean(text);
    else at.value = text;
    at.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const settle = (key, at, act) => {
    notes.get(key).box.remove();
    const stored = notes.get(key).one.stored;
    notes.delete(key);
    decided.add(key);
    act();
    at.focus();
    if (stored && form.elements.seen && ![...notes.values()].some((note) => note.one.stored)) form.elements.seen.value = seen;
    sum();
  };
  const note = (one, key, at) => {
    const box = made("div", "", { className: "beside" });
    const row = made("div", "", { className: "row" });
    const who = one.stored ? "The alert says now" : `${one.who} typed`;
    const take = made("button", one.stored ? "Take what it says" : `Take ${one.who}’s`, { type: "button", className: "button small" });
    const keep = made("button", "Keep mine", { type: "button", className: "button small" });
    take.onclick = () => settle(key, at, () => put(at, one.text));
    keep.onclick = () => settle(key, at, () => undefined);
    row.append(take, keep);
    box.append(made("p", `${who}: ${one.text ? (at.type === "checkbox" ? "ticked" : one.text) : at.type === "checkbox" ? "not ticked" : "nothing"}`), row);
    (at.closest(".field") || at.parentNode).append(box);
    return { box, one };
  };
  const sum = () => {
    const now = JSON.stringify([people.map((one) => [one.who, one.here]), told, [...notes.keys()]]);
    if (!people.length && !told.length && !notes.size) { around.hidden = true; said = now; return; }
    if (now === said) return;
    said = now;
    around.hidden = false;
    around.replaceChildren(...people.map((one) => made("p", one.here ? `${one.who} is editing this alert too.` : `${one.who} left changes of ${hour(one.at)} that were not submitted.`)), ...told.map((line) => made("p", line)));
    if (!notes.size) return;
    const list = made("p", "You differ in: ");
    for (const { one } of notes.values()) list.append(made("a", one.label, { href: "#" + one.name }), " ");
    around.append(list);
  };
  const show = (found) => {
    seen = found.seen;
    const open = new Set();
    for (const one of found.fields) {
      const at = form.elements[one.name], key = JSON.stringify([one.name, one.who, one.text]);
      if (!at?.tagName || decided.has(key) || same(held(at), one.text)) continue;
      open.add(key);
      if (!notes.has(key)) notes.set(key, note(one, key, at));
    }
    for (const [key, { box }] of notes) if (!open.has(key) && !box.contains(document.activeElement)) { box.remove(); notes.delete(key); }
    ({ people, told } = found);
    sum();
  };
  around.addEventListener("click", (event) => {
    const at = event.target.hash && document.getElementById(event.target.hash.slice(1));
    if (!at) return;
    event.preventDefault();
    for (let box = at.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    at.focus();
  });
  const look = async () => {
    const mine = new URLSearchParams({ form: form.elements.identifier.value, alert: form.dataset.changes, seen: form.elements.seen?.value || "" });
    try {
      const answer = await fetch("/console/editing/live.json", { method: "POST", headers: json, body: mine });
      if (answer.ok) show(await answer.json());
      else if (answer.status < 500 && answer.status !== 429) return; // signed out, submitted, or over: the form's own answer will say so
    } catch { /* no connection: the next look may have one */ }
    setTimeout(look, LOOK_MS);
  };
  look();
};

for (const form of document.querySelectorAll("form[data-keep]")) {
  keeping(form);
  const around = document.querySelector("[data-around]");
  if (around && form.dataset.changes) beside(form, around);
}
