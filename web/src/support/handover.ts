import type { Inbox } from "./inbox";
import { partsIn, without, type Part } from "./parts";
import { send, type Problem, type Receipt } from "./send";
import type { Report } from "../types";

/** The codes of reports of runs without the module, by mode and reason. */
const CODES = JSON.parse(SUPPORT_CODES) as Partial<Record<string, Record<string, string>>>;

/** The parts that the user leaves out, of this report and of those that come after it. */
const unwanted = new Set<Part>();

/** All that are under way, so that what is shown anew, in another language, goes on where it was. */
const known = new WeakMap<Report, Handover>();

/** How far one report has come on its way to support. */
export class Handover {
  readonly #withheld: Set<Part>;
  /** What there is to see of it. */
  stage: "offer" | "contents" | "received" | "not-sent" | "no-receipt" = "offer";
  sending = false;
  /** What is unfolded: the code and the file, what is in the file, and the text that is sent. */
  readonly open = { ways: false, file: false, text: false };
  receipt: Receipt | undefined;
  problem: Problem | undefined;
  #tried: string | undefined;
  /** Is called when there is something else to see of it. */
  onchange = () => {};

  private constructor(readonly report: Report) {
    this.#withheld = new Set(partsIn(report).filter((part) => unwanted.has(part)));
  }

  static of(report: Report): Handover {
    const handover = known.get(report) ?? new Handover(report);
    known.set(report, handover);
    return handover;
  }

  /**
   * The text that the inbox may have although no receipt of it came; missing where
   * there is none. Nothing else is sent any more: it would be another report of
   * the same id.
   */
  get tried(): string | undefined {
    return this.#tried;
  }

  holdsBack(part: Part): boolean {
    return this.#withheld.has(part);
  }

  /** Leaves the part out, or no longer. */
  holdBack(part: Part, out: boolean): void {
    for (const parts of [this.#withheld, unwanted]) {
      if (out) parts.add(part);
      else parts.delete(part);
    }
  }

  /** The very text that leaves the page, whichever way. */
  get text(): string {
    return this.#tried ?? JSON.stringify(without(this.#withheld, this.report), null, 2);
  }

  /** The support code. A report of a run without the module has none of its own. */
  get code(): string | undefined {
    const { supportCode, mode, notChecked } = this.report;
    return supportCode ?? CODES[mode]?.[notChecked[0]?.reason ?? ""];
  }

  /** Shows what would be sent, or no longer. */
  preview(shown: boolean): void {
    this.stage = shown ? "contents" : "offer";
    this.onchange();
  }

  /** Sends it once, however often it is asked to meanwhile. */
  async send(inbox: Inbox): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    this.onchange();
    const { text } = this;
    const outcome = await send(text, this.report.id, inbox);
    this.sending = false;
    if ("receipt" in outcome) {
      this.stage = "received";
      this.receipt = outcome.receipt;
    } else {
      if (outcome.unsure) this.#tried = text;
      this.stage = this.#tried ? "no-receipt" : "not-sent";
      this.problem = outcome.problem;
    }
    this.onchange();
  }
}
