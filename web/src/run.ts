// What runs a diagnosis: the module, and what it measures with.
import { assets } from "./loader/assets";
import { chunk } from "./view/files";
import type * as Isolate from "./isolate";
import { measuring } from "./run/measure";
import { forgetModule, ModuleError, startModule, type Handover, type Module } from "./run/module";
import { withNative } from "./run/native";
import { recordingOf } from "./run/recording";
import type { Job, Measure, Report, Told } from "./types";
import { Watcher, type Look } from "./run/watcher";

export { measuring };

/** Watches a challenge; `job` gives what is known of it at that moment. */
export function watch(job: Look, told: Told): Watcher {
  return new Watcher(job, diagnose, told);
}

/** Loads and starts the module, or what stands in for it; it rejects with a ModuleError. */
export async function loadModule(): Promise<void> {
  await module().catch(standIn);
}

/** Runs a diagnosis. It rejects with a Failure, or when cancelled. */
export async function diagnose(job: Job): Promise<Report> {
  const run = job.options.signal ?? new AbortController().signal;
  const measure = measuring(run, job.network);
  const given = handover(job, run, measure);
  let started: Module;
  try {
    started = await module();
    await measure.breathe(); // the click has opened a window
  } catch (error) {
    if (job.mode === "watch") throw error; // from another page the challenge cannot be watched
    return (await standIn(error)).diagnose(given, error as ModuleError);
  }
  try {
    return await limited(LIMIT, started.diagnose(given));
  } catch (error) {
    throw job.options.signal?.aborted ? error : new ModuleError("refused", "crash", error);
  }
}

/** What keeps the module out of this page, and need not keep it out of a frame: rules of the page's, and its cache. */
const OF_THE_PAGE: ModuleError["problem"][] = ["policy", "network", "integrity"];

/** The isolated frame, where that may help; it rejects with the error. */
async function standIn(error: unknown): Promise<typeof Isolate> {
  if (!(error instanceof ModuleError) || !OF_THE_PAGE.includes(error.problem)) throw error;
  return chunk<typeof Isolate>("isolate.js").catch(() => {
    throw error;
  });
}

/** How long a run may take, in milliseconds: twice what its slowest observer allows itself, so that only a dead module reaches it. */
const LIMIT = 28_000;

/** What `running` gives, or a rejection after `limit` milliseconds; the module that did not answer is given up. */
async function limited<T>(limit: number, running: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      forgetModule();
      reject(new Error("the module does not answer"));
    }, limit);
  });
  return Promise.race([running, late]).finally(() => clearTimeout(timer));
}

/** The address with which the Ads Manager forgets its cached files. It rejects with a RangeError where the text is no such address. */
export async function resetCacheURL(address: string): Promise<string> {
  const { url, error } = (await module()).resetCacheURL(address);
  if (url === undefined) throw new RangeError(error);
  return url;
}

const module = () => startModule(new URL("module.wasm", assets));

function handover({ options, mode, wanted, seen, popup, gesture }: Job, run: AbortSignal, measure: Measure): Handover {
  const { signal: _, onProgress, ...rest } = options;
  return {
    ...recordingOf(seen, wanted, options.threeDS?.transID),
    options: { ...rest, mode, vantage: absolute(options.vantage) },
    assets: assets.href,
    control: controlURL(options.vantage),
    popup: popup && popup.then(withNative),
    gesture,
    signal: run,
    onProgress: onProgress ?? (() => {}),
    measure,
  };
}

/**
 * Where the diagnostic's own server echoes: beside the vantage or, where none is
 * named, where the files are from. A page that has those files of its own server
 * has no such address.
 */
function controlURL(vantage: string | undefined): string {
  if (vantage) return new URL("control", absolute(vantage)).href;
  return assets.origin === location.origin ? "" : new URL("../../control", assets).href;
}

/** Endpoints may be given relative to the page. */
function absolute(url: string | undefined): string | undefined {
  return url && new URL(url, document.baseURI).href;
}
