// The service worker of a build. It answers from the cache that it filled when
// it was installed: for the payment script, and with the shell of the app for
// the page to which a challenge comes back. Its own URL says for which fault
// and which build it is, and where the build's script is.
const about = new URL(self.location).searchParams;
const fault = about.get("fault");
const cacheName = `build-${about.get("build")}`;
const source = about.get("script"); // empty where it leaves the script alone

const script = "/assets/pay.js";
const shell = "/assets/shell.html";
const notification = "/3ds/return";

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin) return;
  if (source && url.pathname === script) event.respondWith(answerScript(event));
  if (fault !== "notification-swallowed") return;
  if (url.pathname === notification && event.request.mode === "navigate") event.respondWith(answerNavigation(event));
});

async function install() {
  const cache = await caches.open(cacheName);
  if (source) await cache.put(script, await fetch(source, { cache: "no-store" }));
  await cache.put(shell, await fetch(shell, { cache: "no-store" }));
  if (!about.has("waits")) await self.skipWaiting();
}

// A fault is for the page that asked for it, so no other page of the site gets
// the worker's copy, though the worker controls it.
async function answerScript({ request, clientId }) {
  const client = await self.clients.get(clientId);
  return hasFault(client) ? fromCache(script, request) : fetch(request);
}

// The navigation of a frame names no client, so the pages that are open decide.
async function answerNavigation({ request }) {
  const pages = await self.clients.matchAll({ type: "window" });
  return pages.some(hasFault) ? fromCache(shell, request) : fetch(request);
}

function hasFault(client) {
  const faults = client ? (new URL(client.url).searchParams.get("fault") ?? "") : "";
  return faults.split(",").includes(fault);
}

async function fromCache(path, request) {
  const cache = await caches.open(cacheName);
  return (await cache.match(path)) ?? fetch(request);
}
