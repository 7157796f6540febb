"use strict";
// Shows what arrives, whatever it is: a push without a notification would cost us the right to send any.
self.addEventListener("push", (event) => {
  let notice = {};
  try {
    notice = event.data.json();
  } catch {
    notice = {};
  }
  const shown = self.registration.showNotification(notice.title || "Missing child alert", {
      body: notice.body || "Open to see the alert.",
      tag: notice.tag || "lookout",
      lang: notice.lang || "en",
      renotify: !notice.silent, // a repeat takes the old one's place without sound or vibration
      requireInteraction: notice.kind !== "cancel",
      icon: "/static/icon.svg",
      actions: notice.settings ? [{ action: "settings", title: notice.settings }] : [],
      data: { url: notice.url || "/", number: notice.number, kind: notice.kind },
    });
  event.waitUntil(Promise.all([shown, notice.echo ? heard(notice.echo) : null]));
});
// A test came through: its token goes back, and from then on this browser counts.
const say = (path, said) => fetch(path, { method: "POST", body: new URLSearchParams(said) });
const heard = (echo) => say("/push/heard", { echo }).catch(() => {});
// The push service wants another endpoint: it takes the old one's place.
self.addEventListener("pushsubscriptionchange", (event) => {
  const old = event.oldSubscription;
  const made =
    event.newSubscription ||
    (old &&
      self.registration.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: old.options.applicationServerKey,
      }));
  if (!made) return;
  event.waitUntil(
    Promise.resolve(made)
      .then((one) => say("/push/renewed", { push_subscription: JSON.stringify(one) }))
      .catch(() => {}),
  );
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  if (event.action === "settings") {
    event.waitUntil(self.clients.openWindow("/inbox/settings"));
    return;
  }
  const page = new URL(event.notification.data.url, self.location);
  const opened = self.clients.openWindow(page.href);
  // One more was opened: the same words from everybody, no cookie.
  const counted =
    page.origin === self.location.origin && page.pathname.startsWith("/a/")
      ? fetch(page.pathname + "/opened?c=push", { method: "POST", keepalive: true, credentials: "omit" }).catch(() => {})
      : null;
  event.waitUntil(Promise.all([opened, counted]));
});
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
