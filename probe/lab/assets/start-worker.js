// Puts the page under a service worker's control before its payment script is
// loaded: registers, reloads once, and then loads the script.
import { has, settings } from "/assets/settings.js";

const mark = "worker-reloaded";
const workers = navigator.serviceWorker;
if (!isControlled()) {
  await workers.register(settings.worker);
  await workers.ready;
}
if (isControlled() || sessionStorage.getItem(mark)) {
  sessionStorage.removeItem(mark);
  if (has("worker-waiting")) await update();
  await import(settings.script);
} else {
  sessionStorage.setItem(mark, "1");
  location.reload();
}

/** Whether a worker that was made for this page's fault controls it. */
function isControlled() {
  return workers.controller !== null && has(new URL(workers.controller.scriptURL).searchParams.get("fault"));
}

/** Registers the worker of the page's build, and resolves when it is installed. */
async function update() {
  const { installing } = await workers.register(settings.worker);
  if (!installing) return;
  await new Promise((resolve) => {
    installing.addEventListener("statechange", resolve, { once: true });
  });
}
