// Holds the form back until the issuer's other script has checked the device.
const form = document.querySelector("form[data-challenge]");
const hint = document.querySelector("#hint");
const asked = hint.textContent;
hold(true, "Checking your device…");
document.addEventListener("issuer:device-checked", () => hold(false, asked), { once: true });

function hold(held, text) {
  for (const control of form.elements) control.disabled = held;
  hint.textContent = text;
}
