import sheet from "./more.css?text";
import { adoptSheet } from "../view/adopt";
import { EMPTY, keptDraft } from "./kept-draft";
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

/** What the user ticked off and entered. It outlives a change of the language and ends with the page, apart from the draft of a request. */
export interface Entries {
  ticked: Set<string>;
  /** The card's date as it was typed, which is nowhere else and never kept. */
  cardDate: string;
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

/** With the draft that was begun in this tab before. */
export function newEntries(): Entries {
  return {
    ticked: new Set(),
    cardDate: "",
    bankTexts: new Map(),
    refundOpen: false,
    request: { ...EMPTY },
    reminders: { weekly: false },
    note: { kind: "sent", text: "" },
    ...keptDraft(),
  };
}

/** Puts the style sheet where it is needed. */
export const adoptStyles = ({ root }: Context): void => adoptSheet(root, sheet);
