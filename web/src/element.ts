import type * as Core from "./core";
import { begin, explain, loadCore } from "./diagnose";
import { inconclusive } from "./inconclusive";
import { record } from "./recorder";
import type { Job, Options, Report } from "./types";
import { startWatching } from "./watch";

/** What the attribute data-state says of the element. */
type State = "idle" | "loading" | "ready" | "running" | "done" | "error";

const sheet = `:host{display:block;font:16px/1.5 system-ui}:host([hidden]){display:none}
button{font:inherit;font-weight:600;padding:.65em 1.2em;border:0;border-radius:.5em;background:#1652c5;color:#fff;cursor:pointer}`;

/** What is shown where nothing more can be loaded: the documented guide in its shortest form. */
const guide = [
  "The check could not be loaded. Known to help:",
  "Check the card's details, date and balance.",
  "Check the connection; clear cookies and cache.",
  "Switch off VPN and pop-up blockers.",
  "Use a private window or another browser.",
  "Use another card; ask your bank.",
];

const INTENT = ["pointerenter", "pointerdown", "focusin"];

/** `<checkout-doctor>`: a button that diagnoses, and below it what was found. */
export class CheckoutDoctor extends HTMLElement {
  // Set by the host page, possibly before this class is known: declared only,
  // since a field of ours would take the place of what is there.
  declare only?: Options["only"];
  declare threeDS?: Options["threeDS"];
  declare popup?: Options["popup"];
  declare page?: Options["page"];

  /** The last report. */
  report: Report | null = null;

  #button = document.createElement("button");
  #result = document.createElement("div");
  #view: Promise<Core.View> | undefined;
  #run: Promise<Report> | undefined;
  #cancel: AbortController | undefined;
  #stopRecording: (() => void) | undefined;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const style = new CSSStyleSheet();
    style.replaceSync(sheet);
    root.adoptedStyleSheets = [style];
    this.#button.id = "diagnose";
    this.#button.part.add("button");
    this.#button.type = "button";
    this.#button.textContent = "Find out what is wrong";
    this.#button.onclick = (event) => void this.#start(event.isTrusted).catch(() => {});
    this.#result.part.add("result");
    root.append(this.#button, this.#result);
    for (const type of INTENT) this.addEventListener(type, () => void this.#prepare());
  }

  connectedCallback(): void {
    this.dataset.state ??= "idle";
    if (this.hasAttribute("watch")) this.#stopRecording ??= this.#watch();
    else if (this.hasAttribute("record")) this.#stopRecording ??= record({ wanted: this.#wanted });
    if (this.hasAttribute("auto")) void this.#prepare();
  }

  /** Moving the element takes it out and puts it in at once; only when it stays out is it over. */
  disconnectedCallback(): void {
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#cancel?.abort();
      this.#stopRecording?.();
      this.#stopRecording = undefined;
    });
  }

  /** Does what the button does; in a click of the host page's own, pop-up windows are checked too. */
  diagnose(): Promise<Report> {
    return this.#start(false);
  }

  /** The challenge frame, as far as the host page has named it by now. */
  #wanted = () => this.threeDS?.frame ?? this.getAttribute("challenge-frame");

  #watch(): () => void {
    return startWatching(this.#wanted, () => this.#options(), {
      onFinding: (_, report) => void (report === this.report || this.#run || this.#comeForward(report).catch(() => {})),
    });
  }

  /** Shows what was found without having been asked. */
  async #comeForward(report: Report): Promise<void> {
    this.report = report; // once, however many findings it has
    await this.#load();
    (await this.#view)!.comeForward(report);
    this.#finish("done", report);
  }

  /** Loads everything before it is asked for. Quiet: a failure is shown when the user clicks. */
  async #prepare(): Promise<void> {
    const { state } = this.dataset;
    if (state !== "idle" && (state !== "error" || this.report)) return;
    this.#enter("loading");
    const ready = await this.#load()
      .then((core) => core.loadModule())
      .then(
        () => true,
        () => false,
      );
    if (!this.#run) this.#enter(ready ? "ready" : "error");
  }

  async #load(): Promise<typeof Core> {
    const core = await loadCore();
    await (this.#view ??= core.createView(this, this.#button, this.#result));
    return core;
  }

  /** Nothing may be awaited before `begin`: it spends the click's activation. */
  #start(trusted: boolean): Promise<Report> {
    if (this.#run) return this.#run;
    this.#cancel = new AbortController();
    const mode = this.getAttribute("mode") === "link" ? "link" : "embed";
    const job = begin(this.#options(this.#cancel.signal), mode, this.#wanted(), trusted);
    this.#button.ariaDisabled = "true"; // and not disabled, which would take the focus away
    this.#run = this.#diagnose(job).finally(() => {
      this.#run = undefined;
      this.#button.ariaDisabled = null;
    });
    return this.#run;
  }

  async #diagnose(job: Job): Promise<Report> {
    this.#enter("loading");
    try {
      const core = await this.#load();
      await core.loadModule();
      this.#enter("running");
      (await this.#view)!.begin();
      const report = await core.diagnose(job);
      (await this.#view)!.show(report);
      return this.#finish("done", report);
    } catch (error) {
      return await this.#fail(error, job);
    }
  }

  async #fail(error: unknown, job: Job): Promise<Report> {
    const failure = await explain(error, job).catch((cancelled: unknown) => {
      this.#enter("idle");
      throw cancelled;
    });
    const view = await this.#view;
    if (view) view.fail(failure);
    else this.#showGuide();
    this.#tell("error", failure);
    return this.#finish("error", inconclusive(job, failure.reason));
  }

  #showGuide(): void {
    this.#result.ariaLive = "polite";
    this.#result.replaceChildren(...guide.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  }

  #finish(state: State, report: Report): Report {
    this.report = report;
    this.#enter(state);
    this.#tell("report", report);
    return report;
  }

  #options(signal?: AbortSignal): Options {
    const attribute = (name: string) => this.getAttribute(name) ?? undefined;
    return {
      vantage: attribute("vantage"),
      helper: attribute("helper"),
      canary: attribute("canary"),
      adsManagerURL: attribute("ads-manager-url"),
      case: attribute("case"),
      only: this.only,
      threeDS: this.threeDS,
      popup: this.popup,
      page: this.page,
      signal,
      onProgress: (progress) => {
        void this.#view?.then((view) => view.progress(progress));
        this.#tell("progress", progress);
      },
    };
  }

  #enter(state: State): void {
    this.dataset.state = state;
  }

  #tell(name: "progress" | "report" | "error", detail: unknown): void {
    this.dispatchEvent(new CustomEvent(`checkout-doctor:${name}`, { detail, bubbles: true, composed: true }));
  }
}
