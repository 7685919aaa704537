import { assets } from "./assets";
import type * as Core from "../core";
import { inconclusive } from "./inconclusive";
import { checkPopup } from "./popup-check";
import { seen } from "./recorder";
import type { Failure, Given, Job, Options, Report, Wanted } from "../types";

let core: Promise<typeof Core> | undefined;
let tries = 0;

/** Loads what is not needed before the user shows intent. A failure is not kept: the next call tries again. */
export function loadCore(): Promise<typeof Core> {
  // Chromium keeps a failed import under its URL for as long as the page lives.
  const url = coreURL() + (tries ? `?${tries}` : "");
  return (core ??= import(url).catch((error: unknown) => {
    tries++;
    core = undefined;
    throw error;
  }));
}

const coreURL = () => new URL("core.js", assets).href;

/**
 * Diagnoses this browser and this page. Called in a click, before anything is
 * awaited, it checks pop-up windows too. It rejects only when cancelled; where
 * the module cannot be had, the report is inconclusive and says why.
 */
export function diagnose(options: Options = {}): Promise<Report> {
  return run(begin(options, "embed"));
}

/**
 * Makes the address with which the Ads Manager forgets its cached files. It
 * rejects with the reason where the text is no such address. Nothing is sent.
 */
export async function resetCacheURL(address: string): Promise<string> {
  return (await loadCore()).resetCacheURL(address);
}

/** Does what cannot wait: the pop-up check in the click, and the recorder's notes as they are now. */
export function begin(options: Given, mode: Job["mode"], challengeFrame?: Wanted, trusted = false): Job {
  const gesture = mode !== "watch" && (trusted || !!navigator.userActivation?.isActive);
  const asked = !options.only?.length || options.only.includes("popup");
  return {
    popup: gesture && asked && !oneWindow() ? checkPopup(assets) : null,
    options,
    mode,
    gesture,
    wanted: options.threeDS?.frame ?? challengeFrame,
    seen: seen(),
  };
}

/** Android's web view has but one window unless its app asks for more: what a page opens takes the page's own place. */
const oneWindow = () => /; wv\)/.test(navigator.userAgent);

async function run(job: Job): Promise<Report> {
  try {
    return await (await loadCore()).diagnose(job);
  } catch (error) {
    return inconclusive(job, await explain(error, job));
  }
}

/**
 * Why there is no diagnosis: the module's own failure, or that of the core. A
 * file that can be fetched but not imported was refused by a policy or an
 * extension. A cancelled run goes on as the rejection that it is.
 */
export async function explain(error: unknown, job: Job): Promise<Failure> {
  if (job.options.signal?.aborted) throw error;
  if ((error as Partial<Failure> | null)?.reason) return error as Failure;
  const reached = await fetch(coreURL()).then(
    (response) => response.ok,
    () => false,
  );
  return { problem: "core", reason: reached ? "refused" : "unreachable" };
}
