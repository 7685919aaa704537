// wasm_exec.js leaves four names in the page's global object and uses the
// page's own where it has them, such as a bundler's half-made `process`.
// These functions keep the two apart: the bundle wraps that script in them.

const NAMES = ["Go", "fs", "process", "path"] as const;

type Globals = Record<(typeof NAMES)[number], unknown>;

const page = globalThis as unknown as Globals;

/** What the support script finds under the free name `fs`: where Go writes when it panics. */
export let fs: unknown;

let hidden: Partial<Globals> = {};

/** Takes the page's own values away. */
export function hide(): void {
  hidden = {};
  for (const name of NAMES) {
    if (!(name in page)) continue;
    hidden[name] = page[name];
    page[name] = undefined;
  }
}

/** Takes the support script's values out and puts the page's own back. */
export function take(): Globals {
  const taken = Object.fromEntries(NAMES.map((name) => [name, page[name]])) as Globals;
  for (const name of NAMES) {
    if (name in hidden) page[name] = hidden[name];
    else delete (page as Partial<Globals>)[name];
  }
  fs = taken.fs;
  return taken;
}

/** Runs `f`, which must not wait, while the support script's values are in place. */
export function within<T>(support: Globals, f: () => T): T {
  hide();
  Object.assign(page, support);
  try {
    return f();
  } finally {
    take();
  }
}
