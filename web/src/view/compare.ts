// What became of what the first check found, told beside it.
import { make } from "./make";
import { failing } from "./scene";
import type { Report, Signal } from "../types";
import type { Words } from "./words";

/** What the first check found about the way to the net, which has words of its own for what became of it. */
export type Topic = "vpn" | "network";

/**
 * What became of it. stays: it is gone, and a failure stays. fewer: some is gone.
 * more: none is, and something came. other: some is gone, and something came.
 */
export type Outcome = "gone" | "stays" | "same" | "fewer" | "more" | "other" | "unknown";

/** What a report says of a sign: a signal of a VPN, or the code of a finding. */
type State = "seen" | "unseen" | "unknown";

/** A relay of the browser's or the system's: harmless, and no VPN. */
const RELAY = "vpn.relay";

/**
 * The facts that a signal rests on, from wasm/diagnosis. An address that is
 * known, and whose kind of network is not, is in none of the lists of such
 * networks.
 */
const SIGNALS: Record<Signal, string[]> = {
  zone: ["network.address-country", "network.time-zone-countries"],
  language: ["network.address-country", "network.time-zone-countries", "environment.languages"],
  "vpn-network": ["network.address-country"],
  "hosting-network": ["network.address-country"],
  "webrtc-address": ["network.candidates"],
  "segment-size": ["network.segment-size", "network.address-family"],
  "round-trip": ["network.round-trip", "network.tcp-round-trip"],
};

/** The facts that any of which a finding may rest on, from the same place. */
const FINDINGS: Record<string, string[]> = {
  "network.offline": ["network.online"],
  "network.captive-portal": ["network.control"],
  "network.flapping": ["network.offline-events", "network.requests-lost"],
  "network.large-transfers-stall": ["network.download", "network.upload"],
  "network.slow": ["network.throughput"],
  "network.dns": ["network.provider"],
  "network.provider-unreachable": ["network.provider"],
  "network.tls-replaced": ["network.tls"],
  "network.proxy": ["network.proxy-headers", "network.control-socket", "network.round-trip", "network.tcp-round-trip"],
  "network.clock-skew": ["network.clock-skew"],
  "vpn.relay": ["network.address-country"],
};

const RESTS: Record<string, string[]> = { ...SIGNALS, ...FINDINGS };

/** Never told by colour alone: each state and verdict has a mark and a word. */
const MARKS: Record<State | Report["verdict"], string> = {
  seen: "●", unseen: "○", unknown: "?", blocked: "✗", degraded: "!", clear: "✓", inconclusive: "?",
};

const isSignal = (sign: string): sign is Signal => sign in SIGNALS;
/** Whether a code is that of a finding about the way to the net. */
const isSign = (code: string) => code.startsWith("vpn.") || code.startsWith("network.");
/** Whether a finding rests on the signals of a VPN. */
const isSignalled = (code: string) => code.startsWith("vpn.") && code !== RELAY;

/**
 * The report that a later one is worth being shown beside: the first that spoke
 * of the network, else the first that found what explains a failure, else the
 * first that could not see everything, whose guide says to check again without
 * the VPN.
 */
export function worthComparing(reports: Report[]): Report | undefined {
  return reports.find(({ findings }) => findings.some(({ code }) => isSign(code))) ?? reports.find(fails) ?? reports.find(isOpen);
}

/** Two reports of one page, the later beside the earlier. */
export class Comparison {
  /** Missing where the first check found nothing about the way to the net. */
  readonly topic: Topic | undefined;
  readonly outcome: Outcome;

  constructor(
    private readonly before: Report,
    private readonly now: Report,
    private readonly words: Words,
  ) {
    this.topic = topicOf(before);
    this.outcome = this.#judge();
  }

  /** One sentence that says what it means; empty where the first check found nothing that could be gone. */
  get text(): string {
    const { compared, ui } = this.words;
    if (this.outcome === "unknown" && !signsOf(this.before).length) return "";
    const general: Partial<Record<Outcome, string>> = {
      same: ui.comparedSame, fewer: ui.comparedFewer, more: ui.comparedMore, other: ui.comparedOther,
    };
    return (!this.topic && general[this.outcome]) || compared[this.topic ?? "network"][this.outcome];
  }

  #judge(): Outcome {
    const had = signsOf(this.before).filter((sign) => this.#counts(sign));
    const has = signsOf(this.now).filter((sign) => this.#counts(sign));
    const is = (state: State) => had.some((sign) => stateOf(sign, this.now, this.before) === state);
    const went = is("unseen");
    if (has.some((sign) => stateOf(sign, this.before, this.now) === "unseen")) return went ? "other" : "more";
    if (is("seen")) return went ? "fewer" : "same";
    if (is("unknown") || (!had.length && isOpen(this.before))) return "unknown";
    if (this.topic === "vpn" && has.length) return "fewer"; // nothing of the kind could be looked at before
    if (fails(this.now)) return "stays";
    return isOpen(this.now) ? "unknown" : "gone";
  }

  /**
   * Whether a sign is of the topic. A finding about the network is no sign of a
   * VPN: it may be what the VPN causes. A relay counts where nothing else was
   * found.
   */
  #counts(sign: string): boolean {
    if (sign === RELAY) return signsOf(this.before).every((had) => had === RELAY);
    if (!this.topic) return true;
    return isSignal(sign) || (this.topic === "network" && isSign(sign));
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
          ...Array.from(all, (sign) => row(this.#title(sign), this.#state(sign, this.before, this.now), this.#state(sign, this.now, this.before))),
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

  #state(sign: string, report: Report, other: Report): HTMLElement {
    const { ui } = this.words;
    const state = stateOf(sign, report, other);
    return cell(state, { seen: ui.signSeen, unseen: ui.signUnseen, unknown: ui.signUnknown }[state]);
  }
}

function topicOf({ findings }: Report): Topic | undefined {
  if (findings.some(({ code }) => isSignalled(code))) return "vpn";
  return findings.some(({ code }) => isSign(code)) ? "network" : undefined;
}

/** The signals of a VPN, and the findings that rest on none of them: those about the way to the net, of which a hidden one holds, too, and whatever else explains a failure. */
function signsOf({ vpn, findings, hidden }: Report): string[] {
  const told = [...findings.filter((finding) => isSign(finding.code) || failing(finding)), ...hidden.filter(({ code }) => isSign(code))];
  return [...(vpn?.signals ?? []), ...told.map(({ code }) => code).filter((code) => !isSignalled(code))];
}

/**
 * What could not be looked at is not gone. A fact that the other report, in which
 * the sign was seen, has not either is none that it rests on.
 */
function stateOf(sign: string, report: Report, other: Report): State {
  if (signsOf(report).includes(sign) || report.hidden.some(({ code }) => code === sign)) return "seen";
  const rests = RESTS[sign];
  const open = rests
    ? rests.some((fact) => !isKnown(report.facts[fact]) && isKnown(other.facts[fact]))
    : report.notChecked.some(({ code }) => code === sign);
  return open ? "unknown" : "unseen";
}

const isKnown = (fact: unknown) => typeof fact === "object" && fact !== null && "value" in fact;

/** Whether not everything could be seen. */
const isOpen = ({ verdict }: Report) => verdict === "inconclusive";

/** Whether something is found that explains a failure. */
const fails = ({ findings }: Report) => findings.some(failing);

function row(title: string, ...cells: HTMLElement[]): HTMLElement {
  return make("tr", {}, make("th", { scope: "row" }, title), ...cells);
}

function cell(state: State | Report["verdict"], word: string): HTMLElement {
  return make("td", { className: state }, make("span", { ariaHidden: "true" }, MARKS[state]), ` ${word}`);
}
