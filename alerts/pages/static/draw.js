"use strict";
// The drawing map: a second way to fill the area's fields. Borders come from us as lines; there are no tiles.
// What is drawn goes into the fields, which count and preview it; what is typed is drawn.
const METRES = { mi: 1609.344, km: 1000 };
const load = (node) => new Promise((done, failed) => {
  node.onload = done;
  node.onerror = failed;
  document.head.append(node);
});
const style = (href) => load(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
const script = (src) => load(Object.assign(document.createElement("script"), { src }));
let libraries;
const loaded = (data) => libraries ||= Promise.all([style(data.leafletCss), style(data.geomanCss), script(data.leaflet)]).then(() => script(data.geoman));

const corners = (text) => text.split("\n").map((line) => line.match(/-?\d+(\.\d+)?/g)).filter((pair) => pair?.length === 2).map(([lon, lat]) => [+lat, +lon]);

const opened = async (box) => {
  const form = box.closest("form");
  const at = (name) => form.elements[name];
  await loaded(box.dataset);
  const map = L.map(box.querySelector("[data-map]"), { attributionControl: false, worldCopyJump: false, minZoom: 3, maxZoom: 16 });
  const lines = L.layerGroup().addTo(map), names = L.layerGroup().addTo(map), effective = L.layerGroup().addTo(map);
  const still = (className) => ({ className, interactive: false, pmIgnore: true });
  map.pm.setGlobalOptions({ pathOptions: { className: "d-drawn" }, templineStyle: { className: "d-line" }, hintlineStyle: { className: "d-line" }, snappable: false });
  map.pm.addControls({ position: "topright", drawMarker: false, drawCircleMarker: false, drawPolyline: false, drawRectangle: true, drawText: false, cutPolygon: false, rotateMode: false });
  for (const button of box.querySelectorAll(".leaflet-buttons-control-button")) button.setAttribute("aria-label", button.parentElement.title);
  const shapes = L.featureGroup().addTo(map);
  map.pm.setGlobalOptions({ layerGroup: shapes });
  const drawn = () => shapes.getLayers();
  let mine = false; // the fields change because of the map

  const tell = (polygons, circle) => {
    mine = true;
    const [one, ...more] = polygons;
    const geojson = more.length ? { type: "MultiPolygon", coordinates: polygons } : { type: "Polygon", coordinates: one };
    at("coordinates").value = one ? JSON.stringify(geojson) : "";
    if (circle) at("around").value = ""; // the point is drawn now
    at("latitude").value = circle ? circle.lat.toFixed(6) : "";
    at("longitude").value = circle ? circle.lng.toFixed(6) : "";
    at("radius").value = circle ? +(circle.radius / METRES[at("radius_unit").value]).toFixed(3) : "";
    at("coordinates").dispatchEvent(new Event("input", { bubbles: true }));
    mine = false;
  };
  const closed = (ring) => ring.length && (ring[0][0] !== ring.at(-1)[0] || ring[0][1] !== ring.at(-1)[1]) ? [...ring, ring[0]] : ring;
  const ring = (corners) => closed(corners.map((corner) => [+corner.lng.toFixed(6), +corner.lat.toFixed(6)]));
  // Each polygon with its holes: without them it would reach more people.
  const polygonsOf = (layer) => {
    const found = layer.getLatLngs();
    return (Array.isArray(found[0]?.[0]) ? found : [found]).map((part) => part.map(ring)).filter(([outer]) => outer?.length > 3);
  };
  const write = (extra) => {
    const layers = [...drawn(), ...(extra ? [extra] : [])];
    const circles = layers.filter((layer) => layer instanceof L.Circle);
    const polygons = layers.filter((layer) => layer instanceof L.Polygon).flatMap(polygonsOf);
    const last = circles.at(-1);
    tell(polygons, last && { ...last.getLatLng(), radius: last.getRadius() });
  };
  const watched = (layer) => {
    if (layer instanceof L.Circle) for (const other of drawn()) if (other !== layer && other instanceof L.Circle) shapes.removeLayer(other);
    layer.on("pm:edit pm:dragend pm:change pm:markerdrag pm:drag", () => write());
  };
  map.on("pm:create", ({ layer }) => { watched(layer); write(); });
  map.on("pm:remove", ({ layer }) => { shapes.removeLayer(layer); write(); });
  // While a shape is being drawn it is counted too: a polygon from its third corner, a circle as it grows.
  map.on("pm:drawstart", ({ workingLayer, shape }) => {
    if (shape === "Polygon") workingLayer.on("pm:vertexadded", () => {
      if (workingLayer.getLatLngs().length > 2) write(L.polygon(workingLayer.getLatLngs()));
    });
    if (shape === "Circle") map.on("mousemove", growing);
  });
  const growing = () => {
    const circle = map.pm.Draw.Circle._layer;
    if (circle && circle.getRadius?.() > 0) write(circle);
  };
  map.on("pm:drawend", () => { map.off("mousemove", growing); write(); });

  const read = () => {
    shapes.clearLayers();
    const text = at("coordinates").value.trim();
    let shape = null;
    try {
      shape = text.startsWith("{") ? L.geoJSON(JSON.parse(text)) : corners(text).length > 2 ? L.layerGroup([L.polygon(corners(text))]) : null;
    } catch { /* the field says what is wrong with it */ }
    const [lat, lon, radius] = ["latitude", "longitude", "radius"].map((name) => parseFloat(at(name).value.replace(",", ".")));
    const parts = shape ? shape.getLayers().filter((layer) => layer instanceof L.Polygon) : [];
    if (radius > 0 && Math.abs(lat) <= 90 && Math.abs(lon) <= 180) parts.push(L.circle([lat, lon], { radius: radius * METRES[at("radius_unit").value] }));
    for (const layer of parts) {
      layer.setStyle({ className: "d-drawn" });
      shapes.addLayer(layer);
      watched(layer);
    }
    return parts;
  };
  form.addEventListener("input", (event) => {
    if (!mine && ["coordinates", "latitude", "longitude", "radius", "radius_unit"].includes(event.target.name)) read();
  });
  // The area as it will be matched, and what of it sticks out, as the server says with each preview.
  const overlay = () => {
    const said = form.querySelector("[data-shape]")?.dataset.shape;
    effective.clearLayers();
    if (!said) return;
    const { area, outside } = JSON.parse(said);
    for (const [one, name] of [[area, "d-area"], [outside, "d-outside"]]) {
      if (!one) continue;
      L.geoJSON(one.polygons, { style: still(name), ...still(name) }).addTo(effective);
      for (const [lon, lat, radius] of one.circles) L.circle([lat, lon], { radius, ...still(name) }).addTo(effective);
    }
  };
  new MutationObserver(overlay).observe(form.querySelector("[data-area-preview]"), { childList: true, subtree: true });

  let asking;
  const outlines = async () => {
    asking?.abort();
    const mine = asking = new AbortController();
    const seen = map.getBounds().pad(0.2);
    const frame = { west: Math.max(seen.getWest(), -540), south: Math.max(seen.getSouth(), -90), east: Math.min(seen.getEast(), 540), north: Math.min(seen.getNorth(), 90) };
    try {
      const answer = await fetch("/console/outlines?" + new URLSearchParams(frame), { signal: mine.signal });
      if (!answer.ok) return;
      const found = await answer.json();
      lines.clearLayers();
      names.clearLayers();
      for (const name of ["counties", "states", "ground"]) if (found[name]) L.geoJSON(found[name], { style: still("d-" + name), ...still("d-" + name) }).addTo(lines);
      for (const [name, lon, lat] of found.places.slice(0, map.getSize().x < 500 ? 8 : 16)) {
        const label = document.createElement("span");
        label.textContent = name;
        L.marker([lat, lon], { icon: L.divIcon({ className: "d-name", html: label, iconSize: null }), interactive: false, keyboard: false, pmIgnore: true }).addTo(names);
      }
    } catch (fault) {
      if (fault.name !== "AbortError") throw fault;
    }
  };
  const [west, south, east, north] = box.dataset.bounds.split(",").map(Number);
  map.on("moveend", outlines);
  map.fitBounds(north > south ? [[south, west], [north, east]] : [[25, -124], [49, -67]]);
  if (read().length) map.fitBounds(shapes.getBounds().pad(0.5));
  overlay();
};
for (const box of document.querySelectorAll("[data-draw]")) {
  box.hidden = false;
  let begun = false;
  box.addEventListener("toggle", () => {
    if (!box.open || begun) return;
    begun = true;
    opened(box).catch(() => { box.querySelector("[data-map-fault]").hidden = false; });
  });
}
// A file of GeoJSON goes into its field at once, so that it is drawn and counted before it is sent.
for (const file of document.querySelectorAll("input[data-geojson]")) file.addEventListener("change", async () => {
  if (!file.files[0]) return;
  const field = file.form.elements.coordinates;
  field.value = await file.files[0].text();
  file.value = "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
