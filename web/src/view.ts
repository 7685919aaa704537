import sheet from "./view.css?text";
import { Comparison, worthComparing } from "./compare";
import { make } from "./make";
import { Offer, offerLink, repairFor } from "./repair";
import { wayFor } from "./steps";
import type { Evidence, Failure, Finding, Fix, Options, Progress, Report } from "./types";
import { english, fill, wordsFor, type Words } from "./words";

/** The cause that carries the documented checklist of a clear verdict. */
const CHECKLIST = "payment.nothing-found";
/** The causes that rest on the signals of a VPN. */
const SIGNALLED = ["vpn.likely", "vpn.suspected"];

/** What a view is put into, and what it asks. */
export interface Stage {
  host: HTMLElement & Pick<Options, "page">;
  button: HTMLButtonElement;
  result: HTMLElement;
  assets: URL;
  resetCacheURL: (address: string) => Promise<string>;
}

/** Makes what is shown below the button. */
export async function createView(stage: Stage): Promise<View> {
  const lang = stage.host.lang || document.documentElement.lang;
  return new View(stage, await wordsFor(stage.assets, lang));
}

/** Shows progress, then the report or why there is none. Text only: nothing that is shown is parsed as HTML. */
export class View {
  // Announced by screen readers; what follows below is read by those who want it.
  #status = make("div", { role: "status", className: "status" });
  #body = make("div", {});
  #report: Report | undefined;
  /** The first that spoke of the network; later ones are shown beside it. */
  #first: Report | undefined;

  constructor(
    private readonly stage: Stage,
    private readonly words: Words,
  ) {
    const root = stage.result.getRootNode() as ShadowRoot;
    const style = new CSSStyleSheet();
    style.replaceSync(sheet);
    root.adoptedStyleSheets.push(style);
    stage.result.lang = words.language;
    stage.button.textContent = words.ui.start;
    stage.result.ariaLive = null; // the loader's own guide may have been there
    stage.result.replaceChildren(this.#status, this.#body);
  }

  /** Says that a run begins. */
  begin(): void {
    this.#status.replaceChildren(make("p", { className: "running" }, this.words.ui.running));
    this.#body.replaceChildren();
  }

  progress({ check, done, total }: Progress): void {
    const { ui, checks } = this.words;
    const label = fill(ui.progress, { done, total, check: checks[check] ?? check });
    this.#status.replaceChildren(
      make("progress", { max: total, value: done, ariaHidden: "true" }),
      make("p", { className: "running" }, label),
    );
  }

  /** Shows what was asked for. */
  show(report: Report): void {
    this.#lay(report);
    if (this.#first) this.#compare(new Comparison(this.#first, report, this.words));
    else if (worthComparing(report)) this.#first = report;
  }

  /** What became of the first report's findings. Where they are gone it says what to do, in the place of the verdict's advice. */
  #compare(comparison: Comparison): void {
    const { outcome, text } = comparison;
    const [title, advice] = this.#status.querySelectorAll(".headline > *");
    const said = make("p", { className: "outcome" }, text);
    if (outcome === "gone") title!.textContent = this.words.ui.payAgain;
    if (outcome === "gone" || outcome === "stays") advice!.replaceWith(said);
    else advice!.after(said);
    this.#body.prepend(comparison.element());
  }

  #lay(report: Report): void {
    this.#report = report;
    const words = this.words.verdicts[report.verdict];
    this.#headline(report.verdict, headline(words, report), words.text);
    const checklist = report.findings.filter((finding) => finding.code === CHECKLIST);
    const notices = report.findings.filter((finding) => finding.severity === "notice" && finding.code !== CHECKLIST);
    const causes = report.findings.filter((finding) => finding.severity !== "notice");
    this.#body.replaceChildren(
      ...causes.map((finding, i) => this.#finding(finding, i === 0)),
      ...(notices.length ? [make("h3", { className: "also" }, this.words.ui.alsoNoticed)] : []),
      ...[...notices, ...checklist].map((finding) => this.#finding(finding, false)),
      ...(report.verdict === "inconclusive" ? [this.#guide()] : []),
      ...this.#notChecked(report),
      make("p", { className: "id" }, fill(this.words.ui.report, { id: report.id })),
    );
    this.#end();
  }

  /** Shows what nobody asked for, where it is seen. */
  comeForward(report: Report): void {
    const { host } = this.stage;
    this.#lay(report);
    host.hidden = false;
    host.scrollIntoView({ block: "nearest" });
  }

  /** The documented guide takes the place of a diagnosis that could not be made. */
  fail({ problem }: Failure): void {
    this.#report = undefined;
    this.#headline("inconclusive", this.words.verdicts.inconclusive.title, this.words.failures[problem]);
    this.#body.replaceChildren(this.#guide());
    this.#end();
  }

  #headline(verdict: Report["verdict"], title: string, text: string): void {
    this.#status.replaceChildren(
      make("div", { className: `headline ${verdict}` }, make("h2", {}, title), make("p", {}, text)),
    );
  }

  #end(): void {
    this.stage.button.textContent = this.words.ui.again;
  }

  #finding(finding: Finding, first: boolean): HTMLElement {
    const { causes, ui } = this.words;
    const words = causes[finding.code];
    const oneOf = finding.params?.oneOf ?? [];
    return make(
      "section",
      { className: `card ${finding.severity}` },
      make("h3", {}, words?.title ?? finding.code, ...this.#doubt(finding)),
      make("p", {}, [words?.[finding.confidence], this.words.variants[finding.params?.variant ?? ""]].filter(Boolean).join(" ")),
      ...this.#signals(finding),
      ...(oneOf.length ? [make("p", {}, ui.oneOf), this.#oneOf(oneOf)] : []),
      ...this.#fixesForUser(finding, first),
      ...(finding.leftOut ?? []).map((left) => this.#leftOut(left)),
      ...this.#evidence(finding),
      ...this.#engineers(finding),
    );
  }

  /** How sure a finding is, where it is not. */
  #doubt({ confidence }: Finding): (Node | string)[] {
    if (confidence === "certain") return [];
    return [" ", make("span", { className: "confidence" }, this.words.confidences[confidence])];
  }

  #oneOf(codes: string[]): HTMLElement {
    return make("ul", {}, ...codes.map((code) => make("li", {}, this.words.oneOf[code] ?? code)));
  }

  /** What speaks for a VPN, where that is what was found. */
  #signals({ code }: Finding): HTMLElement[] {
    const signals = (SIGNALLED.includes(code) && this.#report?.vpn?.signals) || [];
    if (!signals.length) return [];
    const items = signals.map((signal) => make("li", {}, this.words.signals[signal]?.text ?? signal));
    return [make("p", {}, this.words.ui.signals), make("ul", { className: "signals" }, ...items)];
  }

  #fixesForUser(finding: Finding, first: boolean): HTMLElement[] {
    const fixes = finding.fixes.filter((fix) => fix.for === "user");
    if (!fixes.length) return [];
    const list = this.#fixes(fixes.map((fix) => fix.code), first && fixes.length < 6, finding.code);
    list.classList.toggle("first", first);
    return [make("h4", {}, this.words.ui.whatToDo), list];
  }

  #guide(): HTMLElement {
    const { ui, guide } = this.words;
    return make("section", { className: "card" }, make("h3", {}, ui.knownToHelp), this.#fixes(guide, false));
  }

  /** A numbered list of fixes; the first is unfolded where it is the thing to do now. `cause` is what they are for. */
  #fixes(codes: string[], unfold: boolean, cause?: string): HTMLElement {
    return make("ol", { className: "fixes" }, ...codes.map((code, i) => this.#fix(code, unfold && i === 0, cause)));
  }

  #fix(code: string, open: boolean, cause?: string): HTMLElement {
    const { title, steps } = this.words.fixes[code] ?? { title: code, steps: [] };
    const details = make("details", { open }, make("summary", {}, title), this.#steps(code, steps));
    return make("li", {}, details, this.#repair(code, cause, details));
  }

  /** The general steps, until those of the user's own browser are there. */
  #steps(code: string, general: string[]): HTMLElement {
    const place = make("div", { className: "steps" }, listed(general));
    const { ui, language } = this.words;
    if (this.#report) {
      wayFor(code, this.#report, this.stage.assets, language).then((way) => {
        if (!way) return;
        const help = make("a", { href: way.source, target: "_blank", rel: "noreferrer" }, ui.stepsHelp);
        place.replaceChildren(
          make("p", {}, fill(ui.stepsIn, { browser: way.browser })),
          way.steps ? listed(way.steps) : make("p", {}, way.none),
          make("p", { className: "soft" }, help),
        );
      }, () => {}); // the general steps do
    }
    return place;
  }

  /** What the page can do of a fix by itself; it comes as soon as that is known. */
  #repair(code: string, cause: string | undefined, details: HTMLDetailsElement): HTMLElement {
    const place = make("div", {});
    if (code === "reset-ads-manager-cache") {
      this.#resetLink(place);
    } else if (cause) {
      repairFor(code, cause, this.stage.host.page).then(
        (repair) => repair && place.append(new Offer(repair, this.words.ui, () => (details.open = true)).element),
        () => {}, // the browser does not let this page look: the steps say how by hand
      );
    }
    return place;
  }

  /** The link is made here, in the browser, from the address that the page or the user gave. */
  #resetLink(place: HTMLElement): void {
    const { ui } = this.words;
    const { host, resetCacheURL } = this.stage;
    const address = host.getAttribute("ads-manager-url");
    if (address) {
      resetCacheURL(address).then(
        (href) => place.append(offerLink(href, ui)),
        () => {}, // not an address, or no module: the steps say how by hand
      );
    } else if (host.getAttribute("mode") === "link") {
      place.append(make("p", {}, ui.pasteAddress));
    }
  }

  #leftOut({ code, because }: { code: string; because: string }): HTMLElement {
    const { ui, fixes, leftOut } = this.words;
    const text = fill(ui.leftOut, { fix: fixes[code]?.title ?? code, why: leftOut[because] ?? because });
    return make("p", { className: "soft" }, text);
  }

  #evidence({ code, evidence }: Finding): HTMLElement[] {
    if (!evidence.length) return [];
    const row = ({ fact, value, expected }: Evidence) => [
      make("dt", {}, fact),
      make("dd", {}, plain(value), ...(expected == null ? [] : [` (${fill(this.words.ui.expected, { value: plain(expected) })})`])),
    ];
    return [folded(this.words.ui.evidence, make("p", { className: "code" }, code), make("dl", {}, ...evidence.flatMap(row)))];
  }

  /** What others than the user must mend, in their language of work. */
  #engineers({ fixes }: Finding): HTMLElement[] {
    const theirs = fixes.filter((fix) => fix.for !== "user");
    if (!theirs.length) return [];
    const parts = theirs.flatMap((fix: Fix) => {
      const { title, steps } = english.fixes[fix.code] ?? { title: fix.code, steps: [] };
      return [
        make("p", {}, make("strong", {}, title), ` (${english.audiences[fix.for]})`),
        make("ul", {}, ...steps.map((step) => make("li", {}, step))),
      ];
    });
    return [folded(this.words.ui.engineers, make("div", { lang: "en" }, ...parts))];
  }

  #notChecked({ notChecked }: Report): HTMLElement[] {
    if (!notChecked.length) return [];
    const { causes, reasons, ui } = this.words;
    const items = notChecked.map(({ code, reason }) =>
      make("li", {}, `${causes[code]?.title ?? code}: ${reasons[reason] ?? reason}`),
    );
    return [folded(ui.notChecked, make("ul", {}, ...items))];
  }
}

/** The title, no surer than the surest finding that the verdict rests on. */
function headline(words: Words["verdicts"][Report["verdict"]], { findings }: Report): string {
  const severity = findings.some((f) => f.severity === "blocking") ? "blocking" : "degrading";
  const confidences = findings.filter((f) => f.severity === severity).map((f) => f.confidence);
  if (!confidences.length || confidences.includes("certain")) return words.title;
  return (confidences.includes("likely") ? words.likely : words.possible) ?? words.title;
}

function listed(steps: string[]): HTMLElement {
  return make("ol", {}, ...steps.map((step) => make("li", {}, step)));
}

function plain(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") || "–" : `${value}`;
}

function folded(title: string, ...content: Node[]): HTMLElement {
  return make("details", { className: "folded" }, make("summary", {}, title), ...content);
}
