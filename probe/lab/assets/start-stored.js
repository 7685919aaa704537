// Loads the payment script from Cache Storage, where it is kept so that the
// page starts fast, and from the server where it is not.
import { settings } from "/assets/settings.js";

const cacheName = "build-2026.03.1";
const oldScript = "/assets/pay-2026.03.1.js";

const cache = await caches.open(cacheName);
// What the visit left that was made when this was the build.
if (settings.storeOld) await cache.put(settings.script, await fetch(oldScript));
const stored = await cache.match(settings.script);
await import(stored ? await asModule(stored) : settings.script);

/** The URL of a module with the answer's text. A blob's URL is no base, so imports are named in full. */
async function asModule(answer) {
  const text = (await answer.text()).replaceAll('from "/', `from "${location.origin}/`);
  return URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
}
