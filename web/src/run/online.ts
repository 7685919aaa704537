import type { Network } from "../types";

let wentOffline = 0;
addEventListener("offline", () => wentOffline++);

/** What the browser says of its network: at this moment, and from it on. */
export function networkFromNow(): Network {
  const before = wentOffline;
  return { online: navigator.onLine, offlineEvents: () => wentOffline - before };
}
