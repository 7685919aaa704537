// What became of what the first check found about the network, told beside it.
import { make } from "./make";
import type { Report, Signal } from "./types";
import type { Words } from "./words";

/** What the first check found that makes a second one worth comparing. */
export type Topic = "vpn" | "network";

/** What became of it. stays: it is gone, and a failure stays. fewer: some is gone. */
export type Outcome = "gone" | "stays" | "same" | "fewer" | "more" | "unknown";

/** What a report says of a sign: a signal of a VPN, or the code of a finding. */
type State = "seen" | "unseen" | "unknown";

/**
 * The facts without which a signal cannot be seen, from wasm/diagnosis. An
 * address that is known, and whose kind of network is not, is in none of the
 * lists of such networks.
 */
const RESTS: Record<Signal, string[]> = {
  zone: ["network.address-country", "network.time-zone-countries"],
  language: ["network.address-country", "network.time-zone-countries", "environment.languages"],
  "vpn-network": ["network.address-country"],
  "hosting-network": ["network.address-country"],
  "webrtc-address": ["network.candidates"],
  "segment-size": ["network.segment-size", "network.address-family"],
  "round-trip": ["network.round-trip", "network.tcp-round-trip"],
};

/** Never told by colour alone: each state and verdict has a mark and a word. */
const MARKS: Record<State | Report["verdict"], string> = {
  seen: "●", unseen: "○", unknown: "?", blocked: "✗", degraded: "!", clear: "✓", inconclusive: "?",
};

const isVPN = (code: string) => code.startsWith("vpn.");
const isSign = (code: string) => isVPN(code) || code.startsWith("network.");

/** Whether a later report is worth being shown beside this one. */
export function worthComparing({ findings }: Report): boolean {
  return findings.some(({ code }) => isSign(code));
}

/** Two reports of one page, the later beside the earlier. */
export class Comparison {
  readonly topic: Topic;
  readonly outcome: Outcome;

  constructor(
    private readonly before: Report,
    private readonly now: Report,
    private readonly words: Words,
  ) {
    this.topic = before.findings.some(({ code }) => isVPN(code)) ? "vpn" : "network";
    this.outcome = this.#judge();
  }

  /** One sentence that says what it means. */
  get text(): string {
    return this.words.compared[this.topic][this.outcome];
  }

  /** A finding about the network is no sign of a VPN: it may be what the VPN causes. */
  #judge(): Outcome {
    const counts = (sign: string) => this.topic === "network" || !sign.startsWith("network.");
    const had = signsOf(this.before).filter(counts);
    if (signsOf(this.now).some((sign) => counts(sign) && !had.includes(sign))) return "more";
    const left = had.filter((sign) => stateOf(sign, this.now) === "seen").length;
    const open = had.filter((sign) => stateOf(sign, this.now) === "unknown").length;
    if (left) return left + open === had.length ? "same" : "fewer";
    if (open) return "unknown";
    if (fails(this.now)) return "stays";
    return this.now.verdict === "inconclusive" ? "unknown" : "gone";
  }

  element(): HTMLElement {
    const { ui, verdicts } = this.words;
    const head = (text: string) => make("th", { scope: "col" }, text);
    const verdict = (report: Report) => cell(report.verdict, verdicts[report.verdict].summary);
    const all = new Set([...signsOf(this.before), ...signsOf(this.now)]);
    const section = make(
      "section",
      { className: "card" },
      make(
        "table",
        { className: "compared" },
        make("caption", {}, ui.compared),
        make("thead", {}, make("tr", {}, head(ui.comparedSign), head(ui.before), head(ui.now))),
        make(
          "tbody",
          {},
          row(ui.comparedResult, verdict(this.before), verdict(this.now)),
          ...Array.from(all, (sign) => row(this.#title(sign), this.#state(sign, this.before), this.#state(sign, this.now))),
        ),
      ),
    );
    Object.assign(section.dataset, { compared: this.outcome, before: this.before.id });
    return section;
  }

  #title(sign: string): string {
    const { signals, causes } = this.words;
    return (isSignal(sign) ? signals[sign] : causes[sign])?.title ?? sign;
  }

  #state(sign: string, report: Report): HTMLElement {
    const { ui } = this.words;
    const state = stateOf(sign, report);
    return cell(state, { seen: ui.signSeen, unseen: ui.signUnseen, unknown: ui.signUnknown }[state]);
  }
}

/** What counts in a report: the signals of a VPN, and findings that rest on none of them. A hidden finding holds, too. */
function signsOf({ vpn, findings, hidden }: Report): string[] {
  const codes = [...findings, ...hidden].map(({ code }) => code);
  return [...(vpn?.signals ?? []), ...codes.filter((code) => isSign(code) && !(vpn && isVPN(code)))];
}

/** What could not be looked at is not gone. */
function stateOf(sign: string, report: Report): State {
  if (signsOf(report).includes(sign)) return "seen";
  const open = isSignal(sign)
    ? RESTS[sign].some((fact) => !isKnown(report.facts[fact]))
    : report.notChecked.some(({ code }) => code === sign);
  return open ? "unknown" : "unseen";
}

const isSignal = (sign: string): sign is Signal => sign in RESTS;

const isKnown = (fact: unknown) => typeof fact === "object" && fact !== null && "value" in fact;

/** Whether something but a VPN is found that explains a failure. */
const fails = ({ findings }: Report) => findings.some(({ code, severity }) => severity !== "notice" && !isVPN(code));

function row(title: string, ...cells: HTMLElement[]): HTMLElement {
  return make("tr", {}, make("th", { scope: "row" }, title), ...cells);
}

function cell(state: State | Report["verdict"], word: string): HTMLElement {
  return make("td", { className: state }, make("span", { ariaHidden: "true" }, MARKS[state]), ` ${word}`);
}
