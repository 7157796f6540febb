"use strict";
// Place search beside the list of places; whom the area reaches, and its map, while it is being entered.
const quiet = (wait, act) => {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...args), wait);
  };
};
const names = ["places", "around", "latitude", "longitude", "radius", "radius_unit", "coordinates", "status", "programme"];
for (const form of document.querySelectorAll("form[data-area]")) {
  const search = form.querySelector("[data-place-search]");
  const places = form.querySelector("[name=places]");
  const found = form.querySelector("[data-found]");
  const manual = form.querySelector("[data-without-script]");
  if (manual) manual.hidden = true;
  const shown = form.querySelector("[data-area-preview]");
  // The numbers follow every stroke, the map every pause. Only the answer to the latest question is shown.
  const asking = {};
  const ask = async (path, place) => {
    if (!shown) return;
    asking[path]?.abort();
    const mine = asking[path] = new AbortController();
    const fields = new FormData();
    fields.append("add_to", form.dataset.addTo || "");
    if (form.querySelector("[data-draw][open]")) fields.append("shape", "1");
    fields.append("within", form.dataset.within || "");
    fields.append("changes", form.dataset.changes || "");
    for (const name of names) {
      const input = form.elements[name];
      if (input) fields.append(name, input.value);
    }
    try {
      const answer = await fetch(path, { method: "POST", body: fields, signal: mine.signal });
      const piece = await answer.text();
      const target = place ? shown.querySelector(place) : shown;
      if (answer.ok && target) target.innerHTML = piece;
    } catch (fault) {
      if (fault.name !== "AbortError") throw fault;
    }
  };
  const count = quiet(40, () => ask("/console/area/reach", "[data-area-reach]"));
  const draw = quiet(350, () => ask("/console/area"));
  const preview = () => {
    asking["/console/area"]?.abort();
    count();
    draw();
  };
  const add = (name) => {
    const lines = places.value.split("\n").filter((line) => line.trim());
    if (!lines.includes(name)) lines.push(name);
    places.value = lines.join("\n");
    search.value = "";
    found.replaceChildren();
    search.focus();
    places.dispatchEvent(new Event("input", { bubbles: true }));
  };
  if (search) {
    search.closest("[hidden]").hidden = false;
    search.addEventListener("input", quiet(150, async () => {
      const text = search.value.trim();
      if (text.length < 2) return found.replaceChildren();
      const answer = await fetch("/console/places?q=" + encodeURIComponent(text));
      if (!answer.ok || search.value.trim() !== text) return;
      found.replaceChildren(...(await answer.json()).map((place) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.className = "button small";
        button.textContent = place.name;
        button.onclick = () => add(place.name);
        item.append(button);
        return item;
      }));
    }));
    search.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const first = found.querySelector("button");
      if (first) first.click();
    });
  }
  form.addEventListener("input", (event) => {
    if (names.includes(event.target.name)) preview();
  });
  if (shown && !shown.querySelector("svg") && names.some((name) => name !== "status" && name !== "programme" && name !== "radius_unit" && form.elements[name]?.value)) preview();
}
