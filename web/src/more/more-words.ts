import { words } from "../view/files";

/** What happened, as the user says it. */
export const KINDS = ["billing-error", "glitch", "unknown-charge", "overspent", "balance", "results"] as const;
export type Kind = (typeof KINDS)[number];

/** What a note is about. */
export const NOTE_KINDS = ["sent", "answered", "other"] as const;
export type NoteKind = (typeof NOTE_KINDS)[number];

type Texts<Key extends string> = Record<Key, string>;

/** What the checklist and the refund path say in one language: the section `more` of a file of the locales. */
export interface MoreWords {
  checklist: Texts<"heading" | "intro" | "tick" | "progress" | "allDone">;
  cardDate: Texts<"label" | "hint" | "valid" | "lastMonth" | "expired" | "missing" | "unclear" | "wrongMonth" | "wrongYear">;
  bank: Texts<"intro" | "label" | "declined" | "failed" | "reason" | "codes" | "ask" | "asOf"> & {
    /** By the variant of payment.declined; `general` for the others. */
    questions: Record<string, string[]> & { general: string[] };
  };
  save: Texts<"copy" | "copied" | "copyFailed" | "download" | "downloaded" | "downloadFailed">;
  refund: Texts<
    | "heading" | "intro" | "optional" | "mayHeading" | "policy" | "kind" | "whereHeading" | "handInHeading" | "proof" | "saveReport"
    | "print" | "printed" | "printFailed" | "draftHeading" | "draftIntro" | "account" | "story" | "storyHint" | "amount" | "amountHint"
    | "amountUnclear" | "currency" | "currencyNone" | "charged" | "chargedLate" | "reference" | "draft" | "redo" | "changed"
    | "waitHeading" | "spendHeading" | "remindHeading" | "remindIntro" | "sent" | "first" | "second" | "weekly" | "dayMissing"
    | "dayPast" | "dayBeforeSent" | "dayOrder" | "saveReminders" | "eventFirst" | "eventSecond" | "eventText" | "eventSpend" | "eventSpendText"
  > & {
    kinds: Record<Kind, Texts<"choice" | "answer" | "draft">>;
    where: string[];
    handIn: string[];
    wait: string[];
    spend: string[];
  };
  letter: Texts<
    "subject" | "greeting" | "opening" | "account" | "amount" | "charged" | "reference" | "report" | "proof" | "closing" | "regards"
  >;
  print: Texts<
    "title" | "button" | "request" | "report" | "number" | "made" | "result" | "case" | "version" | "found" | "nothing" | "evidence"
  >;
  notes: Texts<
    | "heading" | "intro" | "day" | "kind" | NoteKind | "text" | "textHint" | "textMissing" | "add" | "added" | "none" | "list" | "count"
    | "full" | "refused" | "unreadable" | "lost" | "erase" | "eraseLabel" | "eraseOne" | "eraseAll" | "eraseAllAsk" | "agree" | "cancel"
    | "erased" | "eraseFailed" | "saveJSON" | "saveText"
  >;
}

/** The words of the language, or English ones; it rejects where neither can be had. */
export const moreWordsIn = (language: string): Promise<MoreWords> =>
  words<MoreWords>(`locales/${language}.more.json`).catch(() => words("locales/en.more.json"));
