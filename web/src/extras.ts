// What a report has beside its causes and fixes: the page's own repairs, what
// became of an earlier report, and the evidence. It is loaded while the
// diagnosis runs.
import sheet from "./view/extras.css?text";
import { adoptSheet } from "./view/adopt";
import { Comparison, worthComparing } from "./view/compare";
import { details } from "./view/details";
import { folded } from "./view/fold";
import { make } from "./view/make";
import { Notebook } from "./more/notes";
import { CHECKLIST, type Scene } from "./view/scene";
import type { Report } from "./types";
import type { Words } from "./view/words";

export { offerLink, offerRepair } from "./view/repair";

/** Adds them to the body that shows the report; what is folded away goes into `beside`. */
export function addExtras(report: Report, earlier: Report[], scene: Scene, body: HTMLElement, beside: HTMLElement): void {
  if (!body.contains(beside)) return; // something else is shown meanwhile
  adoptSheet(body.getRootNode() as ShadowRoot, sheet);
  beside.replaceWith(...refund(scene, body), ...details(report, scene));
  const before = worthComparing(earlier);
  if (before) compare(new Comparison(before, report, scene.words), scene, body);
}

/** What became of the first report's findings. Where they are gone, that is the headline. */
function compare(comparison: Comparison, { words }: Scene, body: HTMLElement): void {
  const { outcome, text } = comparison;
  const headline = body.querySelector(".headline")!;
  const said = make("p", { className: "outcome" }, text);
  if (outcome === "gone") {
    headline.querySelector("h2")!.textContent = words.ui.payAgain;
    headline.lastElementChild!.replaceChildren(said);
    headline.after(comparison.element());
    foldChecklist(body, words);
  } else {
    headline.lastElementChild!.append(said);
    (body.querySelector(".now") ?? headline).after(comparison.element());
  }
}

/** Who can pay now needs no list of what else to check. */
function foldChecklist(body: HTMLElement, { causes }: Words): void {
  const list = body.querySelector(".next");
  const place = document.createComment("");
  list?.replaceWith(place);
  if (list) place.replaceWith(folded(causes[CHECKLIST]?.title ?? CHECKLIST, list));
}

/** Who made notes of a refund finds them below each report, whatever it says. */
function refund(scene: Scene, body: HTMLElement): HTMLElement[] {
  if (body.querySelector(".next") || !new Notebook().notes.length) return [];
  const place = make("div", {});
  scene.next.refund(place, scene).catch(() => {}); // the notes are there at the next report
  return [place];
}
