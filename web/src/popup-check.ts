import { attempt } from "./attempt";
import { randomID } from "./random";
import type { PopupCheck } from "./types";

/** How long the opened page may take to say hello, in milliseconds. */
const HELLO_LIMIT = 1500;
/** How long the window stays at least, so that one who closes it at once is seen. */
const SETTLE = 500;

/**
 * Opens our own small window and closes it again. Everything that needs the
 * click's activation happens before this function returns; nothing may be
 * awaited before it is called.
 */
export function checkPopup(assets: URL): Promise<PopupCheck> {
  const nonce = randomID();
  const seen: PopupCheck = { result: "null", native: isNative(open), hello: false, closedEarly: false };
  const isActive = () => navigator.userActivation?.isActive;
  let popup: Window | null = null;
  seen.activationBefore = isActive();
  try {
    popup = open(`${new URL("popup.html", assets)}?nonce=${nonce}`, "", "popup,width=360,height=240");
    if (popup) seen.result = "window";
  } catch {
    seen.result = "threw";
  }
  seen.activationAfter = isActive();
  return popup ? watch(popup, nonce, seen) : Promise.resolve(seen);
}

function watch(popup: Window, nonce: string, seen: PopupCheck): Promise<PopupCheck> {
  return new Promise((resolve) => {
    const hello = (event: MessageEvent) => {
      const { source, data } = event;
      if (source !== popup || data?.type !== "checkout-doctor:popup" || data.nonce !== nonce || seen.hello) return;
      seen.hello = true;
      clearTimeout(limit);
      setTimeout(finish, Math.max(0, SETTLE - (performance.now() - opened)));
    };
    const finish = () => {
      removeEventListener("message", hello);
      seen.closedEarly = attempt(() => popup.closed) === true;
      attempt(() => popup.close()); // throws where an extension answered with something else
      resolve(seen);
    };
    const opened = performance.now();
    const limit = setTimeout(finish, HELLO_LIMIT);
    addEventListener("message", hello);
  });
}

/** Whether the function is the browser's own by its text. A bound one has no name in it. */
function isNative(f: unknown): boolean {
  const text = attempt(() => Function.prototype.toString.call(f)) ?? "";
  return /^function open\(\)\s*\{\s*\[native code\]\s*\}$/.test(text);
}
