// What the parts of the view are made with.
import type * as Extras from "../extras";
import type { Next } from "./next";
import type { Finding, Options, Report } from "../types";
import type { EngineerWords, Words } from "./words";

/** The cause that carries the documented checklist of a clear verdict. */
export const CHECKLIST = "payment.nothing-found";
/** The cause that tells what the bank is to be asked. */
export const DECLINED = "payment.declined";

/** What a view is put into, and what it asks. */
export interface Stage {
  host: HTMLElement & Pick<Options, "page"> & { reportTo?: string };
  button: HTMLButtonElement;
  result: HTMLElement;
  resetCacheURL: (address: string) => Promise<string>;
}

/** One state of the view, in one language. */
export interface Scene {
  stage: Stage;
  words: Words;
  /** What is shown; missing where there is no diagnosis. */
  report?: Report;
  /** What is loaded while a diagnosis runs; it rejects where that cannot be had. */
  extras: () => Promise<typeof Extras>;
  engineers: () => Promise<EngineerWords>;
  next: Next;
}

/** What a finding says, as sure as it is. */
export function textOf({ code, confidence, params }: Finding, { causes, variants }: Words): string {
  return sentences(causes[code]?.[confidence], variants[params?.variant ?? ""]);
}

/** One after the other. Chinese and Japanese have no space after their full stop. */
export function sentences(...all: (string | undefined)[]): string {
  return all.filter(Boolean).join(" ").replaceAll("。 ", "。");
}

/** Whether it explains a failure. */
export const failing = ({ severity }: Finding): boolean => severity !== "notice";
