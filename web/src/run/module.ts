import { support } from "wasm_exec.js";
import { breathe } from "./breathe";
import { within } from "./globals";
import { randomID } from "../loader/random";
import type { Failure, Measure, Options, PopupCheck, Recording, Report } from "../types";

/** What the module registers. */
export interface Module {
  version: string;
  /** Rejects when cancelled, or where it crashed. */
  diagnose(handover: Handover): Promise<Report>;
  /** The address, or what is wrong with the text: a Go function cannot throw. */
  resetCacheURL(address: string): { url: string; error?: undefined } | { url?: undefined; error: string };
}

/** What one run gets. */
export interface Handover extends Recording {
  options: Omit<Options, "signal" | "onProgress"> & { mode: string };
  assets: string;
  control: string;
  popup: Promise<PopupCheck> | null;
  gesture: boolean;
  signal: AbortSignal;
  onProgress: NonNullable<Options["onProgress"]>;
  measure: Measure;
}

/** The module could not be had. */
export class ModuleError extends Error implements Failure {
  override name = "ModuleError";
  constructor(
    readonly reason: Failure["reason"],
    readonly problem: Failure["problem"],
    cause?: unknown,
  ) {
    super(`the diagnostic module could not be started: ${problem}`, { cause });
  }
}

let module: Promise<Module> | undefined;

/** Starts the module, once. A failure is not kept: the next call tries again. */
export function startModule(url: URL): Promise<Module> {
  return (module ??= start(url).catch((error: unknown) => {
    module = undefined;
    throw error;
  }));
}

async function start(url: URL): Promise<Module> {
  if (typeof WebAssembly === "undefined") throw new ModuleError("refused", "unsupported");
  const go = new support.Go();
  // Each of these keeps the main thread busy: the hash is taken, the bytes are
  // handed to the compiler, and the program starts.
  const response = await fetchModule(url);
  await breathe();
  const instance = await instantiate(response, go.importObject);
  await breathe();
  return run(go, instance);
}

/**
 * Fetches the module with its hash. The browser says nothing but "failed" where
 * the hash is wrong, so a plain request tells that from an unreachable server.
 * A stale cache is the usual cause of a wrong hash: one reload past it is tried.
 */
async function fetchModule(url: URL): Promise<Response> {
  const attempt = (init: RequestInit) => fetch(url, { integrity: MODULE_INTEGRITY, ...init }).catch(() => null);
  const response = (await attempt({})) ?? (await attempt({ cache: "reload" }));
  if (response?.ok) return response;
  if (response) throw new ModuleError("unreachable", "network");
  const plain = await fetch(url).catch(() => null);
  throw plain?.ok ? new ModuleError("refused", "integrity") : new ModuleError("unreachable", "network");
}

/** Compiles while it loads, or from bytes where the server's media type is wrong. */
async function instantiate(response: Response, imports: WebAssembly.Imports): Promise<WebAssembly.Instance> {
  const streams = response.headers.get("Content-Type")?.split(";")[0] === "application/wasm";
  try {
    const { instance } = streams
      ? await WebAssembly.instantiateStreaming(response, imports)
      : await WebAssembly.instantiate(await response.arrayBuffer(), imports);
    return instance;
  } catch (error) {
    throw whyNoInstance(error);
  }
}

/**
 * A LinkError is a module of another toolchain than the support script's; a
 * policy without 'wasm-unsafe-eval' is a CompileError in every engine, as are
 * bytes that are no module; anything else broke on the way.
 */
function whyNoInstance(error: unknown): ModuleError {
  if (error instanceof WebAssembly.LinkError) return new ModuleError("refused", "version", error);
  if (error instanceof WebAssembly.CompileError) return new ModuleError("refused", "policy", error);
  return new ModuleError("unreachable", "network", error);
}

/**
 * Runs the program until it waits; by then it has called the function whose
 * name it was given. That name is random and gone again afterwards, so that
 * nothing of ours is left in the page.
 */
function run(go: InstanceType<typeof support.Go>, instance: WebAssembly.Instance): Module {
  const key = `checkout-doctor-${randomID()}`;
  const page = globalThis as unknown as Record<string, unknown>;
  let registered: Module | undefined;
  page[key] = (api: Module) => {
    registered = api;
  };
  go.argv = ["doctor", key];
  try {
    within(support, () => void go.run(instance).then(forgetModule, forgetModule));
  } catch (error) {
    throw new ModuleError("refused", "crash", error);
  } finally {
    delete page[key];
  }
  if (!registered) throw new ModuleError("refused", "crash");
  if (registered.version !== MODULE_VERSION) throw new ModuleError("refused", "version");
  return registered;
}

/** The program ended or hangs, which it never should: the next run starts a new one. */
export function forgetModule(): void {
  module = undefined;
}
