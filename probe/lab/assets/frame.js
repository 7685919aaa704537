// The challenge in a frame of the page, and all that a page gets wrong with it.
import { has, settings } from "./settings.js";

const form = document.querySelector("#payment");
const challenge = document.querySelector("#challenge");
const doctor = document.querySelector("checkout-doctor");

/** Width and height of the challenge windows by their code, in CSS pixels; 05 is all of the page. */
const sizes = { "01": [250, 400], "02": [390, 400], "03": [500, 600], "04": [600, 400] };

/** The code of the challenge window to ask for: the widest that fits, or the one that is prescribed. */
export function chooseWindowSize() {
  if (settings.challengeIn !== "frame") return "05";
  const prescribed = ["01", "02", "03", "04", "05"].find((code) => has(`window-${code}`));
  if (prescribed) return prescribed;
  const room = form.clientWidth; // the frame will stand below the form
  const fitting = Object.keys(sizes).filter((code) => sizes[code][0] <= room);
  return fitting.at(-1) ?? "01";
}

let waiting; // a frame that is in the page before there is a payment

/** Puts the frame in before there is a payment, where the page is to do so. */
export function premount() {
  if (has("frame-premounted")) waiting = mount(newFrame(chooseWindowSize()));
}

/** Opens a frame as a place for the challenge; see openPlace of the payment script. */
export async function openFrame(windowSize) {
  const frame = has("frame-replaced") ? await mountAndReplace(windowSize) : mountOnce(windowSize);
  if (has("frame-covered")) cover();
  if (has("frame-behind-dialog")) openDialog("dialog-aside", note("Do not close this page."), doctor);
  if (has("frame-removed")) loaded(frame).then(() => frame.remove()); // as a page that renders anew does
  frame.scrollIntoView({ block: "nearest" });
  return {
    names: namesOf(frame, windowSize),
    loaded: () => loaded(frame),
    lost: new Promise(() => {}),
    leave: leaveDialog,
  };
}

function mountOnce(windowSize) {
  if (has("frame-in-dialog")) openDialog("dialog-challenge", challenge);
  const frame = waiting ?? mount(newFrame(windowSize));
  waiting = undefined;
  return frame;
}

/** A page that renders late, renders again, and then thinks of a dialog. */
async function mountAndReplace(windowSize) {
  await new Promise((resolve) => setTimeout(resolve, 300));
  mount(newFrame(windowSize));
  const frame = mount(newFrame(windowSize));
  openDialog("dialog-challenge", challenge);
  return frame;
}

/**
 * Shows the frame, alone. It stays when the payment has failed: whoever asks
 * why has to see it.
 */
function mount(frame) {
  challenge.hidden = false;
  if (has("page-trusted-types")) challenge.innerHTML = frame.outerHTML;
  if (has("page-types-strict")) challenge.innerHTML = trusted(frame.outerHTML);
  challenge.replaceChildren(frame);
  return frame;
}

let policy; // a page may make one of a name only once

/** Makes markup of the page's own what a page takes that demands Trusted Types. */
function trusted(markup) {
  policy ??= window.trustedTypes?.createPolicy("checkout-page", { createHTML: (text) => text });
  return policy?.createHTML(markup) ?? markup;
}

function newFrame(windowSize) {
  const frame = document.createElement("iframe");
  frame.id = frame.name = "acs";
  frame.title = "Confirmation by your bank";
  if (!has("frame-permissions")) frame.allow = "payment *; publickey-credentials-get *";
  if (settings.frameSandbox) frame.setAttribute("sandbox", settings.frameSandbox);
  const size = has("frame-too-small") ? [120, 90] : sizes[windowSize];
  if (size) [frame.width, frame.height] = size;
  else frame.className = "full";
  return frame;
}

/** The names of the windows that the challenge request goes to. */
function namesOf(frame, windowSize) {
  if (has("two-challenges")) return [frame.name, addSecond(windowSize)];
  return has("creq-twice") ? [frame.name, frame.name] : [frame.name];
}

/** Adds a frame with the same id and name, over the first, and returns the name that its window has for itself. */
function addSecond(windowSize) {
  const second = newFrame(windowSize);
  challenge.append(second);
  second.contentWindow.name = "acs-second";
  return second.contentWindow.name;
}

/** Resolves when the frame has loaded something else than its blank beginning. */
function loaded(frame) {
  return new Promise((resolve) => {
    frame.addEventListener("load", () => isBlank(frame) || resolve());
  });
}

function isBlank(frame) {
  try {
    return frame.contentWindow.location.href === "about:blank";
  } catch {
    return false; // another site's page
  }
}

/** Lays a sheet over the page. The diagnostic's style lifts it above that. */
function cover() {
  const sheet = note("Processing…");
  sheet.id = "processing";
  document.body.append(sheet);
}

function note(text) {
  return Object.assign(document.createElement("p"), { textContent: text });
}

/** Opens a modal dialog with the nodes in it, in place of the one of a payment before. */
function openDialog(className, ...nodes) {
  const dialog = document.createElement("dialog");
  const previous = document.querySelector(`dialog.${className}`);
  dialog.className = className;
  dialog.append(...nodes);
  previous?.remove();
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * Ends the dialog that the challenge is in, so that the page can be used again.
 * After a failure it stays, but no longer modal.
 */
function leaveDialog(ended) {
  const dialog = challenge.closest("dialog");
  dialog?.close();
  if (!ended) dialog?.show();
}
