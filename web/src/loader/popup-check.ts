import { attempt } from "./attempt";
import { randomID } from "./random";
import type { OpenedPopup } from "../types";

/** How long the opened page may take to say hello, in milliseconds. */
const HELLO_LIMIT = 1500;
/** How long the window stays at least, so that one who closes it at once is seen. */
const SETTLE = 500;

/**
 * Opens our own small window and closes it again. Everything that needs the
 * click's activation happens before this function waits; nothing may be awaited
 * before it is called.
 */
export async function checkPopup(assets: URL): Promise<OpenedPopup> {
  const nonce = randomID();
  const seen: OpenedPopup = { result: "null", hello: false, closedEarly: false };
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
  if (popup) await watch(popup, assets, nonce, seen);
  return seen;
}

const watch = (popup: Window, assets: URL, nonce: string, seen: OpenedPopup) =>
  new Promise<void>((resolve) => {
    const hello = ({ source, origin, data }: MessageEvent) => {
      // Where the page is sandboxed, so is its window: both are of no origin.
      if (source !== popup || (origin !== assets.origin && origin !== self.origin)) return;
      if (data?.type !== "checkout-doctor:popup" || data.nonce !== nonce || seen.hello) return;
      seen.hello = true;
      clearTimeout(limit);
      setTimeout(finish, Math.max(0, SETTLE - (performance.now() - opened)));
    };
    const finish = () => {
      removeEventListener("message", hello);
      seen.closedEarly = attempt(() => popup.closed) === true;
      attempt(() => popup.close()); // throws where an extension answered with something else
      resolve();
    };
    const opened = performance.now();
    const limit = setTimeout(finish, HELLO_LIMIT);
    addEventListener("message", hello);
  });
