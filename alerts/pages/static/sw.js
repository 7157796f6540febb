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
      renotify: true,
      requireInteraction: notice.kind !== "cancel",
      icon: "/static/icon.svg",
      data: { url: notice.url || "/" },
    }),
  );
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
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
