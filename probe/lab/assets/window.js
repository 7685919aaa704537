// The challenge in a window of its own.
import { has } from "/assets/settings.js";

const doctor = document.querySelector("checkout-doctor");

/**
 * Opens a window as a place for the challenge; see openPlace of the payment
 * script. Throws where the browser opens none.
 */
export function openWindow() {
  const name = "acs-window";
  const help = has("popup-second") ? openHelp() : undefined;
  const activation = navigator.userActivation?.isActive ?? false;
  const opened = window.open("about:blank", name, "popup,width=500,height=600");
  doctor.popup = { result: opened ? "window" : "null", activation, ...(help && { second: true }) };
  help?.close();
  if (!opened) throw new Error("challenge: the window was not opened");
  const { promise: lost, reject } = Promise.withResolvers();
  lost.catch(() => {}); // it may be lost before anybody waits for it
  let closedFor = 0;
  const watch = setInterval(() => {
    closedFor = opened.closed ? closedFor + 1 : 0;
    // The notification page closes the window too, just after its message.
    if (closedFor < 4) return;
    doctor.popup = { result: "closed", activation };
    reject(new Error("challenge: the window was closed"));
    clearInterval(watch);
  }, 250);
  return { names: [name], lost, leave };

  function leave() {
    clearInterval(watch);
    opened.close();
  }
}

/** Opens a window with a word of help beside that of the challenge, which takes all that one click allows. */
const openHelp = () => window.open("about:blank", "help-window", "popup,width=300,height=300");
