"use strict";
// Place search beside the list of places, and the map and the number of people while the area is being entered.
const quiet = (wait, act) => {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...args), wait);
  };
};
for (const form of document.querySelectorAll("form[data-area]")) {
  const search = form.querySelector("[data-place-search]");
  const places = form.querySelector("[name=places]");
  const found = form.querySelector("[data-found]");
  const manual = form.querySelector("[data-without-script]");
  if (manual) manual.hidden = true;
  const shown = document.querySelector("[data-area-preview]");
  let turn = 0;
  const preview = quiet(350, async () => {
    const mine = ++turn;
    const fields = new FormData();
    for (const name of ["places", "latitude", "longitude", "radius", "radius_unit", "coordinates", "status"]) {
      const input = form.elements[name];
      if (input) fields.append(name, input.value);
    }
    const answer = await fetch("/console/area", { method: "POST", body: fields });
    if (mine === turn && shown && answer.ok) shown.innerHTML = await answer.text();
  });
  const add = (name) => {
    const lines = places.value.split("\n").filter((line) => line.trim());
    if (!lines.includes(name)) lines.push(name);
    places.value = lines.join("\n");
    search.value = "";
    found.replaceChildren();
    search.focus();
    preview();
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
    if (["places", "latitude", "longitude", "radius", "radius_unit", "coordinates", "status"].includes(event.target.name)) preview();
  });
  if (shown && !shown.querySelector("svg")) preview();
}
