"use strict";
const form = document.querySelector("form[data-subscribe]");
const here = document.querySelector("[data-here]");
const said = here.querySelector("[role=status]");
if (navigator.geolocation) {
  here.hidden = false;
  here.querySelector("button").onclick = () =>
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        // Two decimals, about a kilometre: the exact place never leaves this device.
        form.elements.near.value = "";
        form.elements.here.value = coords.longitude.toFixed(2) + "," + coords.latitude.toFixed(2);
        said.textContent = said.dataset.hereSaid;
      },
      () => {
        said.textContent = said.dataset.hereFailed;
      },
    );
}
form.elements.place.addEventListener("input", () => {
  form.elements.here.value = form.elements.near.value = "";
});
const key = form.dataset.pushKey;
if (key && "serviceWorker" in navigator && "PushManager" in window) {
  document.querySelector("[data-push]").hidden = false;
  form.addEventListener("submit", async (event) => {
    if (event.submitter?.hasAttribute("formaction")) return; // to the map: nobody is asked for anything yet
    if (!form.elements.push.checked || form.elements.push_subscription.value) return;
    event.preventDefault();
    try {
      const worker = await navigator.serviceWorker.register("/sw.js", { scope: "/" });
      await navigator.serviceWorker.ready;
      const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      form.elements.push_subscription.value = JSON.stringify(made);
    } catch {
      // Said beside the box; the second press goes on without.
      form.elements.push.checked = false;
      const failed = form.querySelector("[data-push-failed]");
      failed.textContent = failed.dataset.pushFailed;
      failed.hidden = false;
      return;
    }
    form.submit();
  });
}
