// What to check where the browser is not at fault: the documented checklist, the
// questions to the bank and the way to a refund, which are loaded when they are
// needed.
import { card } from "./card";
import { chunk } from "./files";
import { fixBody, fixesForUser, foldedFixes } from "./fixes";
import { folded } from "./fold";
import { make } from "./make";
import type * as More from "../more";
import { moreWordsIn } from "../more/more-words";
import type { Scene } from "./scene";
import type { Finding, Report } from "../types";

/** Keeps what was ticked off and typed, whatever is shown anew. */
export class Next {
  #entries: More.Entries | undefined;

  constructor(private readonly root: ShadowRoot) {}

  /** The finding's own fixes, until the checklist is there. */
  checklist(finding: Finding, report: Report, scene: Scene): HTMLElement {
    const title = make("h3", {}, scene.words.causes[finding.code]?.title ?? finding.code);
    const place = make("div", { className: "next" }, card("list", title, foldedFixes(fixesForUser(finding), scene)));
    this.#lead(place, report, scene).catch(() => {}); // the fixes say the same in short
    return place;
  }

  async #lead(place: HTMLElement, report: Report, scene: Scene): Promise<void> {
    const { more, context } = await this.#load(report, scene);
    if (!place.querySelector("[open]")) place.replaceChildren(); // else it is being read
    place.append(more.checklist(context), refundFold(more, context));
  }

  /** Adds the way to a refund. */
  async refund(place: HTMLElement, scene: Scene): Promise<void> {
    const { more, context } = await this.#load(scene.report!, scene);
    place.append(refundFold(more, context));
  }

  /** Adds what to ask the bank about the payment that it declined. */
  async askBank(place: HTMLElement, scene: Scene): Promise<void> {
    const { more, context } = await this.#load(scene.report!, scene);
    place.append(make("div", { className: "more" }, more.askBank(context)));
  }

  async #load(report: Report, scene: Scene): Promise<{ more: typeof More; context: More.Context }> {
    const { words } = scene;
    const [more, texts] = await Promise.all([chunk<typeof More>("more.js"), moreWordsIn(words.language)]);
    const entries = (this.#entries ??= more.newEntries());
    return { more, context: { report, words, more: texts, entries, root: this.root, fix: (code) => fixBody(code, scene) } };
  }
}

/** The way to a refund, unfolded where the user has unfolded it. */
function refundFold(more: typeof More, context: More.Context): HTMLDetailsElement {
  const { entries } = context;
  const fold = folded("refund", context.more.refund.heading, more.refund(context));
  fold.open = entries.refundOpen;
  fold.ontoggle = () => (entries.refundOpen = fold.open);
  return fold;
}
