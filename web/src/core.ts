// What is loaded once the user shows intent: what the element shows. What runs
// the diagnosis comes beside it.
import { chunk } from "./view/files";
import { networkFromNow } from "./run/online";
import type * as Run from "./run";
import { completed, Session } from "./view/session";
import type { Job, Report, Told } from "./types";
import * as view from "./view/view";
import type { Look, Watcher } from "./run/watcher";

export type { Session };

const run = () => chunk<typeof Run>("run.js");
run().catch(() => {}); // who needs it is told

/** Watches a challenge; `job` gives what is known of it at that moment. */
export async function watch(job: Look, told: Told): Promise<Watcher> {
  return (await run()).watch((options) => completed(job(options)), told);
}

/** Makes what the element does once it is asked. */
export async function open(host: view.Stage["host"], button: HTMLButtonElement, result: HTMLElement): Promise<Session> {
  return new Session(await createView(host, button, result), { loadModule, diagnose });
}

/** Makes what the element shows below its button. */
export function createView(host: view.Stage["host"], button: HTMLButtonElement, result: HTMLElement): Promise<view.View> {
  return view.createView({ host, button, result, resetCacheURL });
}

/** Loads and starts the module; it rejects with a Failure. */
export async function loadModule(): Promise<void> {
  await (await run()).loadModule();
}

/** Runs a diagnosis. It rejects with a Failure, or when cancelled. */
export async function diagnose(job: Job): Promise<Report> {
  const network = networkFromNow();
  return (await run()).diagnose({ network, ...job });
}

/** The address with which the Ads Manager forgets its cached files. It rejects where the text is no such address. */
export async function resetCacheURL(address: string): Promise<string> {
  return (await run()).resetCacheURL(address);
}
