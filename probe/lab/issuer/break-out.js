// Shows nothing within a frame, and leaves it without having been asked to.
// Browsers refuse that, and the frame stays blank.
if (window.top !== window) {
  document.body.replaceChildren();
  window.top.location.href = new URL("/left", location.href).href;
}
