import { begin, loadCore } from "./diagnose";
import { record } from "./recorder";
import type { Options, Told, Wanted, WatchOptions } from "./types";
import type { Watcher } from "./watcher";

/**
 * Watches the payment page's challenge while it happens: where it is, and why
 * it does not go on. The frame may be given as a selector, and may come late,
 * be replaced or move. Everything is unhooked by the function that it returns.
 */
export function watch(frame: HTMLIFrameElement | string, options: WatchOptions = {}): () => void {
  return startWatching(() => frame, () => options, options);
}

/** Records at once, and loads the rest as soon as there is something to look at. */
export function startWatching(wanted: () => Wanted, options: () => Options, told: Told): () => void {
  let on = true;
  let watcher: Promise<Watcher | void> | undefined;
  const heard = () => {
    watcher ??= loadCore().then(
      (core) => (on ? core.watch((more) => begin({ ...options(), ...more }, "watch", wanted()), told) : undefined),
      () => void (watcher = undefined),
    );
    void watcher.then((watcher) => watcher?.look());
  };
  const stopRecording = record({ wanted, heard });
  if (document.querySelector("iframe")) heard();
  return () => {
    on = false;
    stopRecording();
    void watcher?.then((watcher) => watcher?.stop());
  };
}
