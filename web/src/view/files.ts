// Loads what is not needed at once: chunks of script and files of words.
import { assets } from "../loader/assets";
import type { Failure } from "../types";

/** A file of ours could not be had. */
export class FileError extends Error implements Failure {
  override name = "FileError";
  readonly problem = "core";
  constructor(
    readonly reason: Failure["reason"],
    cause?: unknown,
  ) {
    super("a file of the diagnostic could not be loaded", { cause });
  }
}

const kept = new Map<string, Promise<unknown>>();
let tries = 0;

/**
 * Loads a file once; it rejects with a FileError. A failure is not kept: the
 * next call tries again, since Chromium keeps a failed import under its URL for
 * as long as the page lives.
 */
function once<T>(name: string, load: (url: string) => Promise<T>): Promise<T> {
  const known = kept.get(name) as Promise<T> | undefined;
  if (known) return known;
  const url = new URL(name, assets).href;
  const loading = load(url + (tries ? `?${tries}` : "")).catch((error: unknown) => fail(url, error));
  kept.set(name, loading);
  loading.catch(() => {
    tries++;
    kept.delete(name);
  });
  return loading;
}

/** A file that can be fetched but not used was refused by a policy or an extension. */
async function fail(url: string, error: unknown): Promise<never> {
  const reached = await fetch(url).then(
    (response) => response.ok,
    () => false,
  );
  throw new FileError(reached ? "refused" : "unreachable", error);
}

/** A chunk of script, by its name in the version's folder. */
export const chunk = <T>(name: string): Promise<T> => once(name, (url) => import(url) as Promise<T>);

/** A file of words. */
export const words = <T>(name: string): Promise<T> =>
  once(name, async (url) => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${response.status}`);
    return response.json() as Promise<T>;
  });
