// What was entered to ask for a refund. It outlives a reload of the page, and
// ends with its tab: unlike the notes it is kept without having been asked for,
// and others may use this browser.
import type { Entries, Request } from "./more-context";
import { KINDS } from "./more-words";

/** What is kept of the entries; of the card there is nothing in it. */
export type Draft = Pick<Entries, "kind" | "request" | "draft">;

/** What it is kept under, of the origin of the page. */
const KEY = "checkout-doctor:refund";

/** What a request has before anything is entered. */
export const EMPTY: Request = { account: "", story: "", amount: "", currency: "", charged: "", reference: "" };

/** The draft that is kept; undefined where there is none, and where the browser keeps none. */
export function keptDraft(): Draft | undefined {
  try {
    return decode(JSON.parse(sessionStorage.getItem(KEY) ?? "null"));
  } catch {
    return;
  }
}

/** Keeps the draft, as far as the browser lets the page. One in which nothing is entered is not kept. */
export function keepDraft({ kind, request, draft }: Draft): void {
  const entered = kind || draft !== undefined || Object.values(request).some(Boolean);
  try {
    if (entered) sessionStorage.setItem(KEY, JSON.stringify({ kind, request, draft }));
    else sessionStorage.removeItem(KEY);
  } catch {
    // It is on the page until that is closed, which is what its user is told.
  }
}

/** What is of another shape was not kept by this version, and counts as not there. */
function decode(value: unknown): Draft | undefined {
  const { kind, request, draft } = (value ?? {}) as Partial<Record<keyof Draft, unknown>>;
  const known = KINDS.find((one) => one === kind);
  if (known !== kind || !isRequest(request) || (draft !== undefined && typeof draft !== "string")) return;
  return { kind: known, request, draft };
}

function isRequest(value: unknown): value is Request {
  const entered = (value ?? {}) as Record<string, unknown>;
  return Object.keys(EMPTY).every((name) => typeof entered[name] === "string");
}
