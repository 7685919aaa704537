import text from "../locales/en.json";
import type { Outcome, Topic } from "./compare";
import type { Failure, Finding, Fix, Report, Signal } from "./types";

/** Everything that is said in one language: a file of the locales. */
export interface Words {
  language: string;
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
    | "start" | "again" | "running" | "progress" | "whatToDo" | "oneOf" | "alsoNoticed" | "evidence" | "expected"
    | "engineers" | "notChecked" | "leftOut" | "knownToHelp" | "resetLink" | "resetLinkOpened" | "pasteAddress" | "report"
    | "stepsIn" | "stepsHelp" | "repairFile" | "repairFileDone" | "removeWorker" | "removeWorkerConsent" | "removeWorkerAgree"
    | "removeWorkerDone" | "clearData" | "clearDataConsent" | "clearDataAgree" | "clearDataDone" | "clearDataAsked"
    | "repairRunning" | "repairFailed" | "repairCancel" | "reload"
    | "signals" | "payAgain" | "compared" | "comparedSign" | "comparedResult" | "before" | "now" | "signSeen" | "signUnseen" | "signUnknown",
    string
  >;
  audiences: Record<Fix["for"], string>;
  guide: string[];
}

/** English is at hand at once: engineers are shown it, and so is everybody whose own words cannot be had. */
export const english: Words = text;

/** The words of the language, of the same without its region, or English ones. */
export async function wordsFor(assets: URL, lang: string): Promise<Words> {
  const [base = ""] = lang.split("-");
  const known = [lang, base].find((language) => LANGUAGES.includes(language));
  if (!known || known === english.language) return english;
  return fetch(new URL(`locales/${known}.json`, assets))
    .then((response) => response.json() as Promise<Words>)
    .catch(() => english);
}

/** Puts the values in the place of their {names}. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => `${values[name] ?? ""}`);
}
