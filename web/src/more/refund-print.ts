// A page of its own to print: the request and the report. It is made in the
// browser, in a window of this page's origin, and takes over its policy.
import { dayInWords } from "./days";
import { make } from "../view/make";
import type { Context } from "./more-context";
import sheet from "./print.css?text";
import { CHECKLIST, textOf } from "../view/scene";
import type { Evidence, Finding } from "../types";

/**
 * Opens the page, and returns whether it is there: a browser that blocks windows
 * in spite of the click has none, an app's web view has no other than the page's
 * own, and an extension may answer with something else.
 */
export function openPrint(context: Context, request: string): boolean {
  try {
    const opened = open("", "_blank") as Page | null;
    if (!opened || opened === window) return false;
    fillPage(opened, context, request);
    return true;
  } catch {
    return false;
  }
}

type Page = Window & typeof globalThis;

function fillPage(opened: Page, context: Context, request: string): void {
  const { document } = opened;
  const { words, more: { print } } = context;
  document.title = print.title;
  Object.assign(document.documentElement, { lang: words.language, dir: words.direction });
  const style = new opened.CSSStyleSheet();
  style.replaceSync(sheet);
  document.adoptedStyleSheets = [style];
  document.body.replaceChildren(
    make("button", { type: "button", onclick: () => opened.print() }, print.button),
    make("main", {}, make("h1", {}, print.title), ...requestPart(context, request), ...reportPart(context)),
  );
  opened.focus();
}

function requestPart({ more: { print } }: Context, request: string): HTMLElement[] {
  return [make("h2", {}, print.request), make("p", { className: "letter" }, request)];
}

function reportPart({ report, words, more: { print } }: Context): HTMLElement[] {
  const found = report.findings.filter(({ code }) => code !== CHECKLIST);
  const about = [
    [print.number, report.id],
    [print.made, `${dayInWords(new Date(report.generatedAt), words.language)} `, make("bdi", { dir: "ltr" }, `(${report.generatedAt})`)],
    [print.case, report.case],
    [print.result, words.verdicts[report.verdict].summary],
    [print.version, report.module],
  ].flatMap(([name, ...value]) => (value[0] ? [make("dt", {}, name!), make("dd", {}, ...value as (Node | string)[])] : []));
  return [
    make("h2", {}, print.report),
    make("dl", {}, ...about),
    make("h3", {}, print.found),
    ...(found.length ? found.map((finding) => findingPart(finding, words, print.evidence)) : [make("p", {}, print.nothing)]),
  ];
}

function findingPart(finding: Finding, words: Context["words"], based: string): HTMLElement {
  const { code, confidence, evidence } = finding;
  const row = ({ fact, value }: Evidence) => [make("dt", {}, fact), make("dd", {}, Array.isArray(value) ? value.join(", ") : `${value}`)];
  return make(
    "section",
    {},
    make("h4", {}, `${words.causes[code]?.title ?? code} (${words.confidences[confidence]})`),
    make("p", {}, textOf(finding, words)),
    make("p", { className: "based" }, `${based}: ${code}`),
    make("dl", { className: "evidence", dir: "ltr" }, ...evidence.flatMap(row)),
  );
}
