// What a report rests on, for those who want it, and what engineers are to mend.
import { folded } from "./fold";
import { make } from "./make";
import type { Scene } from "./scene";
import type { Evidence, Finding, Fix, Report } from "../types";
import { fill, type EngineerWords, type Words } from "./words";

/** What is folded away below a report. */
export function details(report: Report, scene: Scene): HTMLElement[] {
  const { words } = scene;
  const rows = [...report.findings.flatMap((finding) => evidence(finding, words)), ...notChecked(report, words)];
  return [...engineers(report, scene), ...(rows.length ? [folded("details", words.ui.details, ...rows)] : [])];
}

function evidence({ code, evidence: all }: Finding, { causes, ui }: Words): HTMLElement[] {
  if (!all.length) return [];
  const row = ({ fact, value, expected }: Evidence) => [
    make("dt", {}, fact),
    make("dd", {}, plain(value), ...(expected == null ? [] : [` (${fill(ui.expected, { value: plain(expected) })})`])),
  ];
  return [
    make("h3", {}, causes[code]?.title ?? code),
    make("p", { className: "code", dir: "ltr" }, code),
    make("p", { className: "soft" }, ui.evidence),
    make("dl", { dir: "ltr" }, ...all.flatMap(row)),
  ];
}

function notChecked({ notChecked: all }: Report, { causes, reasons, ui }: Words): HTMLElement[] {
  if (!all.length) return [];
  const items = all.map(({ code, reason }) => make("li", {}, `${causes[code]?.title ?? code}: ${reasons[reason] ?? reason}`));
  return [make("h3", {}, ui.notChecked), make("ul", {}, ...items)];
}

/** What others than the user must mend, in their language of work. */
function engineers({ findings }: Report, scene: Scene): HTMLElement[] {
  const theirs = findings.flatMap(({ code, fixes }) => fixes.filter((fix) => fix.for !== "user").map((fix) => ({ code, fix })));
  if (!theirs.length) return [];
  const place = make("div", { lang: "en", dir: "ltr" }, ...theirs.map(({ fix }) => make("p", {}, fix.code)));
  scene.engineers().then(
    (words) => place.replaceChildren(...theirs.flatMap(({ code, fix }) => engineering(code, fix, words))),
    () => {}, // the codes do
  );
  return [folded("engineers", scene.words.ui.engineers, place)];
}

function engineering(cause: string, fix: Fix, { audiences, fixes }: EngineerWords): HTMLElement[] {
  const { title, steps } = fixes[fix.code] ?? { title: fix.code, steps: [] };
  const whose = fix.for === "user" ? "" : ` (${audiences[fix.for]})`;
  return [
    make("p", { className: "code" }, cause),
    make("p", {}, make("strong", {}, title), whose),
    make("ul", {}, ...steps.map((step) => make("li", {}, step))),
  ];
}

function plain(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") || "–" : `${value}`;
}
