// What a report has beside its causes and fixes: the page's own repairs, what
// became of an earlier report, and the evidence. It is loaded while the
// diagnosis runs.
import sheet from "./view/extras.css?text";
import { adoptSheet } from "./view/adopt";
import { Comparison, worthComparing } from "./view/compare";
import { details } from "./view/details";
import { folded } from "./view/fold";
import { keepFolds } from "./view/keep-folds";
import { make } from "./view/make";
import { chunk } from "./view/files";
import { keptDraft } from "./more/kept-draft";
import { Notebook } from "./more/notes";
import type * as Support from "./support";
import { supportWordsIn } from "./support/support-words";
import { CHECKLIST, type Scene } from "./view/scene";
import type { Report } from "./types";
import type { Words } from "./view/words";

export { offerLink, offerRepair } from "./view/repair";
export { sayMissing, turn } from "./view/change-language";

const support = () => chunk<typeof Support>("support.js");

/** Loads what must be there when the network is gone that the diagnosis asks for. */
export function prepare(language: string): void {
  Promise.all([support(), supportWordsIn(language)]).catch(() => {}); // who needs it asks again
}

/** Adds them to the body that shows the report; what is folded away goes into `beside`. It resolves when all is there. */
export async function addExtras(report: Report, earlier: Report[], scene: Scene, body: HTMLElement, beside: HTMLElement): Promise<void> {
  if (!body.contains(beside)) return; // something else is shown meanwhile
  adoptSheet(body.getRootNode() as ShadowRoot, sheet);
  const place = make("div", {});
  beside.replaceWith(...refund(scene, body), place, ...details(report, scene));
  const before = worthComparing(earlier);
  if (before) compare(new Comparison(before, report, scene.words), scene, body);
  await addSupport(report, scene, body, place);
}

/** Puts the way to support in the place; where it is a card, it goes forward to what is to be done now. What was unfolded of the report is so again. */
export async function addSupport(report: Report, { stage, words }: Scene, body: HTMLElement, place: HTMLElement): Promise<void> {
  if (!body.contains(place)) return;
  keepFolds(report, body);
  const loaded = await Promise.all([support(), supportWordsIn(words.language)]).catch(() => undefined);
  if (!loaded || !body.contains(place)) return;
  const [{ handOver }, texts] = loaded;
  const element = handOver(report, texts, stage.host, body.getRootNode() as ShadowRoot);
  place.replaceWith(element);
  if (element.matches(".card")) bringForward(element, body);
}

/** It stands after what to do now; where nothing is known to help, before what might. */
function bringForward(card: HTMLElement, body: HTMLElement): void {
  const now = body.querySelector(".now, .next");
  if (now) (now.closest(".folded") ?? now).after(card);
  else body.querySelector(".headline")!.after(card);
}

/** What became of the first report's findings. Where they are gone, that is the headline. */
function compare(comparison: Comparison, { words }: Scene, body: HTMLElement): void {
  const { outcome, text } = comparison;
  const headline = body.querySelector(".headline")!;
  const said = text ? [make("p", { className: "outcome" }, text)] : [];
  if (outcome === "gone") {
    headline.querySelector("h2")!.textContent = words.ui.payAgain;
    headline.lastElementChild!.replaceChildren(...said);
    headline.after(comparison.element());
    foldChecklist(body, words);
  } else {
    headline.lastElementChild!.append(...said);
    (body.querySelector(".now") ?? headline).after(comparison.element());
  }
}

/** Who can pay now needs no list of what else to check. */
function foldChecklist(body: HTMLElement, { causes }: Words): void {
  const list = body.querySelector(".next");
  const place = document.createComment("");
  list?.replaceWith(place);
  if (list) place.replaceWith(folded("checklist", causes[CHECKLIST]?.title ?? CHECKLIST, list));
}

/** Who made notes of a refund, or began to ask for one, finds that below each report, whatever it says. */
function refund(scene: Scene, body: HTMLElement): HTMLElement[] {
  if (body.querySelector(".next") || !(new Notebook().notes.length || keptDraft())) return [];
  const place = make("div", {});
  scene.next.refund(place, scene).catch(() => {}); // it is there at the next report
  return [place];
}
