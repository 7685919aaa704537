import type * as Core from "../core";
import { begin, explain, loadCore } from "./diagnose";
import { inconclusive } from "./inconclusive";
import { languageOf } from "./language";
import { record } from "./recorder";
import { tell } from "./events";
import type { Given, Job, Options, Report } from "../types";
import { startWatching } from "./watch";

/** What the attribute data-state says of the element. */
type State = "idle" | "loading" | "ready" | "running" | "done" | "error";

/** The button's look until the view brings its own, in the same place: who presses it meanwhile must not miss it. */
const sheet = `:host(:not([hidden])){display:block}button{font:600 16px/1.5 system-ui;padding:.65em 1.2em;border:0;border-radius:.5em;background:#1652c5;color:#fff}`;

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
  #session: Promise<Core.Session> | undefined;
  #run: Promise<Report> | undefined;
  #cancel: AbortController | undefined;
  #stopRecording: (() => void) | undefined;

  constructor() {
    super();
    const style = new CSSStyleSheet(); // an older browser throws here, and goes on showing the guide in the element
    style.replaceSync(sheet);
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style];
    this.#button.id = "diagnose";
    this.#button.part = "button";
    this.#button.onclick = (event) => void this.#start(event.isTrusted).catch(() => {});
    this.#result.part = "result";
    root.append(this.#button, this.#result);
    for (const type of INTENT) this.addEventListener(type, () => void this.#prepare());
  }

  connectedCallback(): void {
    if (!this.#session) this.#button.textContent = START[languageOf(this)]!;
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
    void (await this.#open()).comeForward(report);
    this.#finish("done", report);
  }

  /** Loads everything before it is asked for. Quiet: a failure is shown when the user clicks. */
  async #prepare(): Promise<void> {
    if (this.dataset.state !== "idle" && (this.dataset.state !== "error" || this.report)) return;
    this.#enter("loading");
    const state = await this.#open()
      .then((session) => session.prepare())
      .then(
        () => "ready" as const,
        () => "error" as const,
      );
    if (!this.#run) this.#enter(state);
  }

  /** What is loaded on intent. A failure is not kept. */
  #open(): Promise<Core.Session> {
    return (this.#session ??= loadCore()
      .then((core) => core.open(this, this.#button, this.#result))
      .catch((error: unknown) => {
        this.#session = undefined;
        throw error;
      }));
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
      return this.#finish("done", await (await this.#open()).run(job));
    } catch (error) {
      return await this.#fail(error, job);
    }
  }

  async #fail(error: unknown, job: Job): Promise<Report> {
    const failure = await explain(error, job).catch((cancelled: unknown) => {
      this.#enter("idle");
      throw cancelled;
    });
    if (!this.#session) this.#showGuide();
    tell(this, "error", failure);
    return this.#finish("error", inconclusive(job, failure));
  }

  /** Where nothing more can be loaded, what the page wrote into the element is the guide. */
  #showGuide(): void {
    this.#result.ariaLive = "polite";
    this.#result.replaceChildren(document.createElement("slot"));
  }

  #finish(state: State, report: Report): Report {
    this.report = report;
    this.#enter(state);
    tell(this, "report", report);
    return report;
  }

  /** What the core does not read of the attributes. */
  #options(signal?: AbortSignal): Given {
    return {
      host: this,
      case: this.getAttribute("case") ?? undefined,
      only: this.only,
      threeDS: this.threeDS,
      popup: this.popup,
      page: this.page,
      signal,
    };
  }

  #enter(state: State): void {
    this.dataset.state = state;
  }
}
