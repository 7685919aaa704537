// What the page has of the device's signals, by which anti-fraud services judge it.
import { settings } from "/assets/settings.js";

/** Throws unless the script of every service that the page needs has run. */
export function requireSignals() {
  const profiled = globalThis.profiledBy ?? [];
  for (const host of settings.signals?.split(" ") ?? []) {
    if (!profiled.includes(host)) throw new Error(`signals: none of ${host}`);
  }
}
