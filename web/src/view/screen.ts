// What is shown of a report: the headline that names the cause, what to do now,
// and everything else folded away.
import { card } from "./card";
import { account, furtherFinding, nowDo } from "./findings";
import { fixesForUser, foldedFixes } from "./fixes";
import { folded } from "./fold";
import { icon } from "./icons";
import { make } from "./make";
import { CHECKLIST, failing, type Scene } from "./scene";
import type { Failure, Finding, Report } from "../types";
import { fill, type Words } from "./words";

const isChecklist = ({ code }: Finding) => code === CHECKLIST;

/** What a report is shown as; `beside` is where that stands which comes later. */
export function reportScreen(report: Report, scene: Scene, beside: HTMLElement): HTMLElement[] {
  const first = report.findings.find(failing);
  const checklist = report.findings.find(isChecklist);
  return [
    first ? causeHeadline(first, report, scene) : verdictHeadline(report, scene),
    ...(first ? [now(first, report, scene)] : []),
    ...(checklist ? [scene.next.checklist(checklist, report, scene)] : []),
    ...(report.verdict === "inconclusive" ? [guide(scene)] : []),
    ...further(report, first, scene),
    beside,
    make("p", { className: "id" }, fill(scene.words.ui.report, { id: report.id })),
  ];
}

/** What is shown where there is no diagnosis: why, and the documented guide. */
export function failureScreen({ problem }: Failure, scene: Scene): HTMLElement[] {
  const { verdicts, failures } = scene.words;
  return [headline("inconclusive", "", verdicts.inconclusive.title, make("p", {}, failures[problem])), guide(scene)];
}

/** The headline names the cause; above it stands what that means for the payment. */
function causeHeadline(first: Finding, { verdict }: Report, scene: Scene): HTMLElement {
  const { verdicts, causes } = scene.words;
  return headline(verdict, meaning(first, verdicts[verdict]), causes[first.code]?.title ?? first.code, ...account(first, scene));
}

/** The verdict's title, no surer than the finding that it stands above. */
function meaning({ confidence }: Finding, words: Words["verdicts"][Report["verdict"]]): string {
  return (confidence === "certain" ? undefined : words[confidence]) ?? words.title;
}

function verdictHeadline({ verdict }: Report, { words }: Scene): HTMLElement {
  const { title, text } = words.verdicts[verdict];
  return headline(verdict, "", title, make("p", {}, text));
}

/** It takes the focus for who works by keyboard or by ear; what stands above it is read with it. */
function headline(verdict: Report["verdict"], above: string, title: string, ...text: Node[]): HTMLElement {
  const heading = make("h2", { tabIndex: -1 }, title);
  const box = make("div", {}, heading);
  if (above) {
    box.prepend(make("p", { className: "kicker", id: "kicker" }, above));
    heading.setAttribute("aria-describedby", "kicker");
  }
  const section = make("section", { className: `headline ${verdict}` }, icon(verdict), box, make("div", { className: "account" }, ...text));
  section.part.add("headline");
  return section;
}

/** The first cause's fixes, and the way back to the button. */
function now(first: Finding, { verdict }: Report, scene: Scene): HTMLElement {
  const { ui, verdicts } = scene.words;
  const several = fixesForUser(first).length > 1;
  return card(
    "now",
    make("h3", {}, ui.doNow),
    ...(several ? [make("p", { className: "soft" }, verdicts[verdict].text)] : []),
    ...nowDo(first, scene),
    recheck(scene),
  );
}

/** The same as the button above, which takes the focus: this one is about to go. */
function recheck({ stage, words }: Scene): HTMLElement {
  const onclick = () => {
    stage.button.focus();
    stage.button.click();
  };
  const { doneThat, again } = words.ui;
  return make("div", { className: "recheck" }, make("p", {}, doneThat), make("button", { type: "button", onclick }, again));
}

/** The documented fixes, where nothing is known that is at fault. */
function guide(scene: Scene): HTMLElement {
  const { ui, guide: codes } = scene.words;
  return card("guide", make("h3", {}, ui.knownToHelp), foldedFixes(codes, scene));
}

/** The causes beside the first, and what is worth knowing. */
function further({ findings }: Report, first: Finding | undefined, scene: Scene): HTMLElement[] {
  const { ui } = scene.words;
  const fold = (name: "otherCauses" | "alsoNoticed", some: Finding[]) =>
    some.length ? [folded(name, `${ui[name]} (${some.length})`, ...some.map((finding) => furtherFinding(finding, scene)))] : [];
  return [
    ...fold("otherCauses", findings.filter((finding) => finding !== first && failing(finding))),
    ...fold("alsoNoticed", findings.filter((finding) => !failing(finding) && !isChecklist(finding))),
  ];
}
