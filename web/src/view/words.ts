import { words } from "./files";
import type { Outcome, Topic } from "./compare";
import type { Failure, Finding, Fix, Report, Signal } from "../types";

/** Everything that is said in one language: a file of the locales. */
export interface Words {
  language: string;
  direction: "ltr" | "rtl";
  causes: Record<string, { title: string } & Record<Finding["confidence"], string>>;
  oneOf: Record<string, string>;
  variants: Record<string, string>;
  fixes: Record<string, { title: string; steps: string[] }>;
  leftOut: Record<string, string>;
  verdicts: Record<Report["verdict"], { title: string; likely?: string; possible?: string; text: string; summary: string }>;
  signals: Record<Signal, { title: string; text: string }>;
  compared: Record<Topic, Record<Outcome, string>>;
  confidences: Record<Finding["confidence"], string>;
  reasons: Record<string, string>;
  failures: Record<Failure["problem"], string>;
  checks: Record<string, string>;
  ui: Record<
    | "start" | "again" | "running" | "progress" | "oneOf" | "alsoNoticed" | "evidence" | "expected"
    | "engineers" | "notChecked" | "leftOut" | "knownToHelp" | "resetLink" | "resetLinkOpened" | "pasteAddress" | "report"
    | "stepsIn" | "stepsHelp" | "repairFile" | "repairFileDone" | "removeWorker" | "removeWorkerConsent" | "removeWorkerAgree"
    | "removeWorkerDone" | "clearData" | "clearDataConsent" | "clearDataAgree" | "clearDataDone" | "clearDataAsked"
    | "repairRunning" | "repairFailed" | "repairCancel" | "reload"
    | "signals" | "payAgain" | "compared" | "comparedSign" | "comparedResult" | "before" | "now" | "signSeen" | "signUnseen" | "signUnknown"
    | "doNow" | "ifNotHelped" | "doneThat" | "otherCauses" | "details" | "language"
    | "comparedSame" | "comparedFewer" | "comparedMore" | "comparedOther",
    string
  >;
  guide: string[];
}

/** What is said to those who mend what a user cannot, in English. */
export interface EngineerWords {
  audiences: Record<Exclude<Fix["for"], "user">, string>;
  fixes: Words["fixes"];
}

/** The words of the language; it rejects with a FileError where they cannot be had. */
export const wordsOf = (language: string): Promise<Words> => words(`locales/${language}.json`);

/** The words of the language, or English ones; it rejects with a FileError where neither can be had. */
export const wordsIn = (language: string): Promise<Words> => wordsOf(language).catch(() => wordsOf("en"));

export const engineerWords = (): Promise<EngineerWords> => words("engineers.json");

/** Puts the values in the place of their {names}. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => `${values[name] ?? ""}`);
}
