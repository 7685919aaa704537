// The service worker of an old build: it answers for the payment script from
// the cache that it filled when it was installed.
const cacheName = "build-2026.03.1";
const script = "/assets/pay.js";

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin === self.location.origin && url.pathname === script) event.respondWith(answer(event));
});

async function install() {
  const cache = await caches.open(cacheName);
  await cache.put(script, await fetch("/assets/old/pay.js", { cache: "no-store" }));
  await self.skipWaiting();
}

// The fault is for the page that asked for it, so no other page of the site
// gets the old build, though the worker controls it.
async function answer(event) {
  const client = await self.clients.get(event.clientId);
  const faults = client ? (new URL(client.url).searchParams.get("fault") ?? "") : "";
  if (!faults.split(",").includes("stale-worker")) return fetch(event.request);
  const cache = await caches.open(cacheName);
  return (await cache.match(script)) ?? fetch(event.request);
}
