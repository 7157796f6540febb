"use strict";
// Shows what arrives, whatever it is: a push without a notification would cost us the right to send any.
self.addEventListener("push", (event) => {
  let notice = {};
  try {
    notice = event.data.json();
  } catch {
    notice = {};
  }
  event.waitUntil(
    self.registration.showNotification(notice.title || "Missing child alert", {
      body: notice.body || "Open to see the alert.",
      tag: notice.tag || "lookout",
      lang: notice.lang || "en",
      renotify: !notice.silent, // a repeat takes the old one's place without sound or vibration
      requireInteraction: notice.kind !== "cancel",
      icon: "/static/icon.svg",
      data: { url: notice.url || "/" },
    }),
  );
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data.url));
});
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
