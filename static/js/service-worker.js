// Keeps the look of the site (VERSION and KEPT come from the server) and one page for times without a network.
// Nothing else is ever stored: no page of a person, no amount, no answer to a form. Plain script, so that every browser runs it.
const OFFLINE = "/offline/";

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll([OFFLINE, ...KEPT])));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOlder().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => kept(OFFLINE)));
  else if (isKept(request)) event.respondWith(kept(request).then((found) => found ?? fetch(request)));
});

function isKept(request) {
  const { origin, pathname, search } = new URL(request.url);
  return origin === self.location.origin && KEPT.includes(pathname + search);
}

function kept(what) {
  return caches.open(VERSION).then((cache) => cache.match(what, { ignoreVary: true }));
}

async function dropOlder() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== VERSION).map((name) => caches.delete(name)));
}
