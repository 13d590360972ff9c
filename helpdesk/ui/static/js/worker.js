// The worker of the installed app: our own style and script files, and a page that says there is no connection.
// Nothing of a request, a person or a session is ever kept: pages go to the network alone. What stands above this
// line on the server's side names the version and the files (helpdesk/desk/views/app.py).
/* global VERSION, SHELL, OFFLINE, ASSETS */

async function install() {
  const cache = await caches.open(VERSION);
  await cache.addAll(SHELL);
}

async function activate() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("anliegen-") && name !== VERSION).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function asset(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok && response.type === "basic") (await caches.open(VERSION)).put(request, response.clone());
  return response;
}

async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(OFFLINE)) || Response.error();
  }
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (pathname.startsWith(ASSETS)) event.respondWith(asset(request));
  else if (request.mode === "navigate") event.respondWith(page(request));
});

// What is new, by its number alone; a second message about the same request takes the place of the first.
async function told(data) {
  const { title = "Anliegen", body = "", url = "/a/", tag = "" } = data?.json() || {};
  await self.registration.showNotification(title, { body, tag, data: { url } });
}

async function opened(url) {
  const page = new URL(url, self.location.origin);
  if (page.origin !== self.location.origin || !page.pathname.startsWith("/a/")) return;
  const tabs = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = tabs.find((tab) => new URL(tab.url).pathname === page.pathname);
  if (there) await there.focus();
  else await self.clients.openWindow(page.href);
}

self.addEventListener("push", (event) => event.waitUntil(told(event.data)));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(opened(event.notification.data.url));
});
