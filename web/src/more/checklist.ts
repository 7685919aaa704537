import { askBank } from "./bank";
import { cardDate } from "./card-date";
import { named } from "../view/fold";
import { make } from "../view/make";
import { adoptStyles, type Context } from "./more-context";
import { CHECKLIST } from "../view/scene";
import type { Report } from "../types";
import { fill } from "../view/words";

/** It has a path of its own. */
const REFUND = "request-refund";
/** The list in the order of the document that it is from, for a report without it. */
const DOCUMENTED = ["check-details", "check-card-date", "check-balance", "use-another-card", "check-amount", "check-funds", "ask-bank", "ask-support"];

/** What to check next where nothing in the browser explains the failure; each point can be ticked off. */
export function checklist(context: Context): HTMLElement {
  adoptStyles(context);
  const words = context.more.checklist;
  const list = new Points(pointsOf(context.report), context);
  return make(
    "section",
    { className: "card more checklist" },
    make("h3", {}, words.heading),
    make("p", {}, words.intro),
    list.element,
    list.said,
  );
}

function pointsOf({ findings }: Report): string[] {
  const fixes = findings.find(({ code }) => code === CHECKLIST)?.fixes ?? [];
  const codes = fixes.filter((fix) => fix.for === "user" && fix.code !== REFUND).map(({ code }) => code);
  return codes.length ? codes : DOCUMENTED;
}

class Points {
  readonly element: HTMLElement;
  readonly said = make("p", { role: "status", className: "soft" });
  #details = new Map<string, HTMLDetailsElement>();

  constructor(
    private readonly codes: string[],
    private readonly context: Context,
  ) {
    this.element = make("ol", { className: "tasks" }, ...codes.map((code) => this.#point(code)));
    this.#openNext();
    this.#tell();
  }

  #point(code: string): HTMLElement {
    const { words, more, entries } = this.context;
    const title = words.fixes[code]?.title ?? code;
    const details = named(`point ${code}`, make("details", {}, make("summary", {}, title), this.#body(code)));
    const box = make("input", { type: "checkbox", checked: entries.ticked.has(code), ariaLabel: fill(more.checklist.tick, { point: title }) });
    box.onchange = () => this.#tick(code, box.checked);
    this.#details.set(code, details);
    const point = make("li", {}, box, details);
    point.dataset.point = code;
    return point;
  }

  #body(code: string): HTMLElement {
    const { words, more, fix } = this.context;
    const steps = words.fixes[code]?.steps ?? [];
    const body = make("div", { className: "body" }, fix?.(code) ?? make("ul", {}, ...steps.map((step) => make("li", {}, step))));
    if (code === "check-card-date") body.append(cardDate(more.cardDate, words.language, this.context.entries));
    if (code === "ask-bank") body.append(askBank(this.context));
    return body;
  }

  #tick(code: string, done: boolean): void {
    const { ticked } = this.context.entries;
    if (done) ticked.add(code);
    else ticked.delete(code);
    this.#details.get(code)!.open = !done;
    if (done) this.#openNext();
    this.#tell();
  }

  /** What is next is unfolded, unless something else is. */
  #openNext(): void {
    const left = this.codes.filter((code) => !this.context.entries.ticked.has(code));
    const open = left.some((code) => this.#details.get(code)!.open);
    if (left.length && !open) this.#details.get(left[0]!)!.open = true;
  }

  #tell(): void {
    const { progress, allDone } = this.context.more.checklist;
    const [done, total] = [this.codes.filter((code) => this.context.entries.ticked.has(code)).length, this.codes.length];
    this.said.textContent = done === total ? allDone : fill(progress, { done, total });
  }
}
