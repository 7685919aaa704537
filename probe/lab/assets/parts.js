// The parts of the page that its payment script loads late, or needs from
// other scripts.
import { has, settings } from "/assets/settings.js";

/** Resolves when every part is there; rejects where one is missing. */
export async function loadParts() {
  if (settings.chunk) await import(settings.chunk);
  const needsWidget = has("stale-integrity") || has("wrong-integrity");
  if (needsWidget && !globalThis.paymentWidget) throw new Error("the payment method's widget is missing");
}
