import { begin, loadCore } from "./diagnose";
import { record, seen } from "./recorder";
import type { Given, Told, Wanted, WatchOptions } from "../types";
import { fits } from "./wanted";
import type { Watcher } from "../run/watcher";

/**
 * Watches the payment page's challenge while it happens: where it is, and why
 * it does not go on. The frame may be given as a selector, and may come late,
 * be replaced or move. Everything is unhooked by the function that it returns.
 */
export function watch(frame: HTMLIFrameElement | string, options: WatchOptions = {}): () => void {
  return startWatching(() => frame, () => options, options);
}

/** Records at once, and loads the rest as soon as there is something to look at. */
export function startWatching(wanted: () => Wanted, options: () => Given, told: Told): () => void {
  let on = true;
  let watcher: Promise<Watcher | void> | undefined;
  const heard = () => {
    if (!watcher && !isWorthALook(wanted())) return;
    watcher ??= loadCore()
      .then((core) => (on ? core.watch((more) => begin({ ...options(), ...more }, "watch", wanted()), told) : undefined))
      .catch(() => void (watcher = undefined)); // what is heard next tries again
    void watcher.then((watcher) => watcher?.look());
  };
  const stopRecording = record({ wanted, heard });
  heard();
  return () => {
    on = false;
    stopRecording();
    void watcher?.then((watcher) => watcher?.stop());
  };
}

/** A page that has no challenge, and no trouble, need not load anything. */
function isWorthALook(wanted: Wanted): boolean {
  const { frames, notes, left } = seen()!;
  return left || frames.some(([frame]) => fits(frame, wanted)) || notes.some(({ kind }) => kind === "violation");
}
