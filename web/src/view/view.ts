import sheet from "./view.css?text";
import { Chooser } from "./chooser";
import type * as Extras from "../extras";
import { chunk } from "./files";
import { tell } from "../loader/events";
import { languageOf } from "../loader/language";
import { make } from "./make";
import { Next } from "./next";
import type { Scene, Stage } from "./scene";
import { failureScreen, reportScreen } from "./screen";
import type { Failure, Progress, Report } from "../types";
import { engineerWords, fill, wordsIn, wordsOf, type Words } from "./words";

export type { Stage };

/** Makes what is shown below the button. */
export async function createView(stage: Stage): Promise<View> {
  const language = languageOf(stage.host);
  // Now, while the network may still be as it should; who needs it asks again.
  extras().then(({ prepare }) => prepare(language), () => {});
  return new View(stage, await wordsIn(language));
}

const extras = () => chunk<typeof Extras>("extras.js");

/** Shows progress, then the report or why there is none. Text only: nothing that is shown is parsed as HTML. */
export class View {
  // What screen readers say by themselves; all else is there to be read.
  #said = make("p", { role: "status", className: "said" });
  #body = make("div", {});
  #line = make("p", {});
  #bar = make("progress", { ariaHidden: "true" });
  #chooser = new Chooser((language) => void this.#speak(language));
  #next: Next;
  /** The reports that the user asked for, in their order. */
  #asked: Report[] = [];
  /** Shows anew what is shown, in the language of now. */
  #draw = async () => {};
  /** Shows anew what was shown when the run began. */
  #before = this.#draw;
  /** What the button says. */
  #label: "start" | "again" = "start";

  constructor(
    private readonly stage: Stage,
    private words: Words,
  ) {
    const style = new CSSStyleSheet();
    style.replaceSync(sheet);
    this.#root.adoptedStyleSheets.push(style);
    this.#next = new Next(this.#root);
    stage.result.ariaLive = null; // the loader's own guide may have been there
    stage.result.replaceChildren(this.#said, this.#body, this.#chooser.element);
    this.#use(words);
  }

  get #root(): ShadowRoot {
    return this.stage.result.getRootNode() as ShadowRoot;
  }

  /** Says that a run begins. */
  begin(): void {
    this.#before = this.#draw;
    this.#draw = async () => {
      this.#said.textContent = this.#line.textContent = this.words.ui.running;
    };
    void this.#draw();
    this.#bar.removeAttribute("value");
    this.#body.replaceChildren(make("div", { className: "progress" }, this.#line, this.#bar));
  }

  /** Shows what was there before a run that came to nothing. */
  cancel(): void {
    this.#said.textContent = "";
    this.#body.replaceChildren();
    this.#draw = this.#before;
    void this.#draw();
  }

  progress({ check, done, total }: Progress): void {
    const { ui, checks } = this.words;
    this.#line.textContent = fill(ui.progress, { done, total, check: checks[check] ?? check });
    Object.assign(this.#bar, { max: total, value: done });
  }

  /** Shows what was asked for. It resolves when all is there that comes later. */
  async show(report: Report): Promise<void> {
    const earlier = [...this.#asked];
    this.#asked.push(report);
    await this.#present(() => this.#lay(report, earlier), this.#root.activeElement === this.stage.button);
  }

  /** Shows what nobody asked for, where it is seen. The focus stays where it is. */
  async comeForward(report: Report): Promise<void> {
    const { host } = this.stage;
    const shown = this.#present(() => this.#lay(report, []), false);
    host.hidden = false;
    host.scrollIntoView({ block: "nearest" });
    await shown;
  }

  /** The documented guide takes the place of a diagnosis that could not be made. The element's report of that comes after it. */
  fail(failure: Failure): void {
    const { host } = this.stage;
    const report = new Promise<Report>((told) => host.addEventListener("checkout-doctor:report", ({ detail }) => told(detail), { once: true }));
    void report.then((told) => this.#asked.push(told));
    const lay = async () => {
      const scene = this.#scene();
      const beside = make("div", {});
      this.#body.replaceChildren(...failureScreen(failure, scene), beside);
      await extras().then(
        async ({ addSupport }) => addSupport(await report, scene, this.#body, beside),
        () => {}, // the guide is there
      );
    };
    void this.#present(lay, this.#root.activeElement === this.stage.button);
  }

  /** Shows the end of a run, and says it: whoever is at the button is led to the headline. */
  async #present(lay: () => Promise<void>, atButton: boolean): Promise<void> {
    this.#draw = lay;
    this.#name("again");
    const laid = lay();
    if (atButton) this.#body.querySelector("h2")!.focus();
    this.#announce(atButton);
    await laid;
    if (this.#draw === lay) this.#announce(atButton); // else something else is shown meanwhile
  }

  /** What has the focus is read anyway. The same again would be read twice. During a run nothing of this is there. */
  #announce(focused: boolean): void {
    const parts = this.#body.querySelectorAll(focused ? ".headline .outcome" : ".headline :is(.kicker, h2, .outcome)");
    const text = Array.from(parts, ({ textContent }) => textContent).join(". ");
    if (text && this.#said.textContent !== text) this.#said.textContent = text;
  }

  /** The report and, as soon as that can be had, what stands beside it. */
  async #lay(report: Report, earlier: Report[]): Promise<void> {
    const scene = this.#scene(report);
    const beside = make("div", {});
    this.#body.replaceChildren(...reportScreen(report, scene, beside));
    await extras().then(
      ({ addExtras }) => addExtras(report, earlier, scene, this.#body, beside),
      () => {}, // causes and fixes are there
    );
  }

  #scene(report?: Report): Scene {
    return { stage: this.stage, words: this.words, report, extras, engineers: engineerWords, next: this.#next };
  }

  /** Goes on in another language, where its words can be had. The host page may go along. */
  async #speak(language: string): Promise<void> {
    const words = await wordsOf(language).catch(() => undefined);
    const late = await extras().catch(() => undefined); // without it the change is as good, and less smooth
    if (this.#chooser.chosen !== language) return; // another was chosen meanwhile
    this.#use(words ?? this.words);
    if (!words) return late?.sayMissing(this.#chooser.element, this.words.language);
    late?.turn(this.#chooser.element, this.#body);
    void this.#draw().then(() => this.#announce(false));
    tell(this.stage.host, "language", language);
  }

  #use(words: Words): void {
    this.words = words;
    for (const element of [this.stage.button, this.stage.result]) {
      Object.assign(element, { lang: words.language, dir: words.direction });
    }
    this.#name(this.#label);
    this.#chooser.speak(words.language, words.ui.language);
  }

  #name(label: "start" | "again"): void {
    this.#label = label;
    this.stage.button.textContent = this.words.ui[label];
  }
}
