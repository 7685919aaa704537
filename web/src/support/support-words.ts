import { words } from "../view/files";
import type { Part } from "./parts";
import type { Problem } from "./send";

/**
 * What is said where the result is handed to support, and where another language
 * cannot be had, in one language: the section `support` of a file of the locales,
 * which is there also when the network is gone.
 */
export type SupportWords = Record<
  | "heading" | "intro" | "case" | "preview" | "previewHeading" | "always" | "choose" | "chosen" | "exact" | "send" | "sending" | "close"
  | "received" | "receivedText" | "receivedCase" | "receivedCode" | "notSent" | "noReceipt" | "noReceiptText" | "instead" | "again" | "code" | "readOut" | "copy" | "copied"
  | "copyFailed" | "save" | "saved" | "saveFailed" | "tell" | "tellText" | "file" | "missingLanguage",
  string
> & {
  parts: Record<Part, { title: string; text: string }>;
  problems: Record<Problem, string>;
};

/** Those that came last: where the network is gone, another language must do. */
let last: SupportWords | undefined;

/** The words of the language, or English ones, or those that are there; it rejects where none can be had. */
export async function supportWordsIn(language: string): Promise<SupportWords> {
  try {
    const file = (name: string) => words<SupportWords>(`locales/${name}.support.json`);
    return (last = await file(language).catch(() => file("en")));
  } catch (error) {
    if (!last) throw error;
    return last;
  }
}
