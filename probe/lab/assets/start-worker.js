// Puts the page under a service worker's control before its payment script is
// loaded: registers, reloads once, and then loads the script.
const mark = "worker-reloaded";
if (!navigator.serviceWorker.controller) {
  await navigator.serviceWorker.register("/sw.js");
  await navigator.serviceWorker.ready;
}
if (navigator.serviceWorker.controller || sessionStorage.getItem(mark)) {
  sessionStorage.removeItem(mark);
  await import(document.documentElement.dataset.script);
} else {
  sessionStorage.setItem(mark, "1");
  location.reload();
}
