// Types of checkout-doctor.js, the one script of the diagnostic that a payment
// page loads. This is published beside it as checkout-doctor.d.ts.
import type { Failure, HostPage, HostPopup, Options, Progress, Report, ThreeDS, Wanted, WatchOptions } from "./types";

export type { Finding, HostPage, HostPopup, Options, Progress, Report, ThreeDS, WatchOptions } from "./types";

/** Diagnoses this browser and this page. Called in a click, it checks pop-up windows too. It rejects only when cancelled. */
export function diagnose(options?: Options): Promise<Report>;

/** Makes the address with which an Ads Manager forgets its cached files. It rejects where the text is no such address. Nothing is sent. */
export function resetCacheURL(address: string): Promise<string>;

/** Notes from now on what would be gone when the user asks; the function that it returns ends it. */
export function record(user?: { wanted?: () => Wanted; heard?: () => void }): () => void;

/** Watches a challenge in its frame, which may be given as a selector; the function that it returns ends it. */
export function watch(frame: HTMLIFrameElement | string, options?: WatchOptions): () => void;

/**
 * Says where the other files are, for a page whose bundler made this script a
 * part of one of its own: the version's folder, with a slash at its end. It is
 * called before an element is in the page.
 */
export function loadFrom(folder: string): void;

/** `<checkout-doctor>`: a button that diagnoses, and below it what was found. */
export interface CheckoutDoctorElement extends HTMLElement {
  only?: string[];
  threeDS?: ThreeDS;
  popup?: HostPopup;
  page?: HostPage;
  /** Where the user may send the report, as the attribute report-to. Nothing is sent before they have seen what, and agree. */
  reportTo?: string;
  /** The last report. */
  report: Report | null;
  /** Does what its button does. */
  diagnose(): Promise<Report>;
}

declare global {
  interface HTMLElementTagNameMap {
    "checkout-doctor": CheckoutDoctorElement;
  }
  interface HTMLElementEventMap {
    "checkout-doctor:progress": CustomEvent<Progress>;
    "checkout-doctor:report": CustomEvent<Report>;
    "checkout-doctor:error": CustomEvent<Failure>;
    /** The user has chosen a language (BCP 47). */
    "checkout-doctor:language": CustomEvent<string>;
  }
}
