// Removes what the page's own scripts keep of a build. The answer's header has
// the browser drop its HTTP cache.
const registrations = (await navigator.serviceWorker?.getRegistrations()) ?? [];
await Promise.all(registrations.map((registration) => registration.unregister()));
const names = await caches.keys();
await Promise.all(names.map((name) => caches.delete(name)));

// Chromium (156) keeps scripts in the memory of the tab's process too, where
// Clear-Site-Data leaves them: the next page of the site would get them from
// there. Only to fetch them anew replaces those.
const longLived = ["/assets/pay-stable.js", "/assets/widget.js"];
await Promise.all(longLived.map((file) => fetch(file, { cache: "reload" })));

document.documentElement.dataset.state = "reset";
