// What is loaded once the user shows intent: the module and the view.
import { assets } from "./assets";
import { measuring } from "./measure";
import { forgetModule, ModuleError, startModule, type Handover } from "./module";
import { recordingOf } from "./recording";
import type { Job, Measure, Report, Told } from "./types";
import * as view from "./view";
import { Watcher, type Look } from "./watcher";

export { measuring };
export type View = view.View;

/** Watches a challenge; `job` gives what is known of it at that moment. */
export function watch(job: Look, told: Told): Watcher {
  return new Watcher(job, diagnose, told);
}

/** Makes what the element shows below its button. */
export function createView(host: view.Stage["host"], button: HTMLButtonElement, result: HTMLElement): Promise<View> {
  return view.createView({ host, button, result, assets, resetCacheURL });
}

/** Loads and starts the module; it rejects with a ModuleError. */
export async function loadModule(): Promise<void> {
  await module();
}

/** Runs a diagnosis. It rejects with a ModuleError, or when cancelled. */
export async function diagnose(job: Job): Promise<Report> {
  const run = job.options.signal ?? new AbortController().signal;
  const measure = measuring(run); // what it counts, it counts from the run's beginning
  const started = await module();
  try {
    return await limited(LIMIT, started.diagnose(handover(job, run, measure)));
  } catch (error) {
    throw job.options.signal?.aborted ? error : new ModuleError("refused", "crash", error);
  }
}

/** How long a run may take, in milliseconds: twice what its slowest observer allows itself, so that only a dead module reaches it. */
const LIMIT = 24_000;

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

/** The address with which the Ads Manager forgets its cached files. It rejects where the text is no such address. */
export async function resetCacheURL(address: string): Promise<string> {
  const { url, error } = (await module()).resetCacheURL(address);
  if (url === undefined) throw new Error(error);
  return url;
}

const module = () => startModule(new URL("module.wasm", assets));

function handover({ options, mode, wanted, seen, popup, gesture }: Job, run: AbortSignal, measure: Measure): Handover {
  const { signal: _, onProgress, ...rest } = options;
  return {
    ...recordingOf(seen, wanted, options.threeDS?.transID),
    options: { ...rest, mode, vantage: absolute(options.vantage) },
    assets: assets.href,
    control: new URL("../../control", assets).href,
    popup,
    gesture,
    signal: run,
    onProgress: onProgress ?? (() => {}),
    measure,
  };
}

/** Endpoints may be given relative to the page. */
function absolute(url: string | undefined): string | undefined {
  return url && new URL(url, document.baseURI).href;
}
