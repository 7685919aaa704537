import sheet from "./more.css?text";
import { adoptSheet } from "../view/adopt";
import type { Kind, MoreWords, NoteKind } from "./more-words";
import type { Report } from "../types";
import type { Words } from "../view/words";

/** What the checklist and the refund path are made from. */
export interface Context {
  report: Report;
  words: Words;
  /** Of the same language. */
  more: MoreWords;
  entries: Entries;
  /** Where the style sheet is put, once. */
  root: ShadowRoot;
  /** Shows how a fix is done, where the caller knows more of it than its general steps. */
  fix?: (code: string) => Node;
}

/** What the user ticked off and entered. It outlives a change of the language and ends with the page; of the card there is nothing in it. */
export interface Entries {
  ticked: Set<string>;
  kind?: Kind;
  request: Request;
  /** The texts for the bank that the user changed, by the report that each is about. */
  bankTexts: Map<string, string>;
  /** Whether the way to a refund is unfolded. */
  refundOpen: boolean;
  /** The text of the request, where the user changed it. */
  draft?: string;
  reminders: { sent?: string; first?: string; second?: string; weekly: boolean };
  note: { day?: string; kind: NoteKind; text: string };
}

/** What a request for a refund says. A day is written as 2026-11-22; what is not known is empty. */
export type Request = Record<"account" | "story" | "amount" | "currency" | "charged" | "reference", string>;

export function newEntries(): Entries {
  return {
    ticked: new Set(),
    bankTexts: new Map(),
    refundOpen: false,
    request: { account: "", story: "", amount: "", currency: "", charged: "", reference: "" },
    reminders: { weekly: false },
    note: { kind: "sent", text: "" },
  };
}

/** Puts the style sheet where it is needed. */
export const adoptStyles = ({ root }: Context): void => adoptSheet(root, sheet);
