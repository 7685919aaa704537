// Takes the cardholder out of the frame, to a page of the issuer's in place of
// the shop's. Browsers allow it as a consequence of a click.
document.querySelector("form[data-challenge]").addEventListener("submit", (event) => {
  event.preventDefault();
  window.top.location.href = new URL("/left", location.href).href;
});
