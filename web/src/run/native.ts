// Whether the page's functions are the browser's own, which outlives the click.
import { attempt } from "../loader/attempt";
import type { OpenedPopup, PopupCheck } from "../types";

/** Adds to what our pop-up check saw whether `open` is the browser's own. */
export const withNative = (popup: OpenedPopup): PopupCheck => ({ ...popup, native: isNative(open) });

/** Whether the function is the browser's own by its text. A bound one has no name in it. */
function isNative(f: unknown): boolean {
  const text = attempt(() => Function.prototype.toString.call(f)) ?? "";
  return /^function open\(\)\s*\{\s*\[native code\]\s*\}$/.test(text);
}
