import { contents } from "./contents";
import type { Handover } from "./handover";
import type { Inbox } from "./inbox";
import type { Problem } from "./send";
import type { SupportWords } from "./support-words";
import { codeBox, foldedWays, ways } from "./ways";
import { card } from "../view/card";
import { make } from "../view/make";
import { fill } from "../view/words";

/** What the same again would not change. */
const FINAL: Problem[] = ["expired", "spent", "link", "refused"];

/** How a support code is spelled. */
const CODE = /^[0-9A-Z]{2,4}(-[0-9A-Z]{2,4})*$/;

/** Sends the report: it says so, shows what is sent, and then what came of it. */
export class Card {
  #body = make("div", {});
  // There from the start, so that screen readers hear what comes into it.
  #said = make("p", { role: "status" });
  readonly element = card("support", this.#body, this.#said);

  constructor(
    private readonly handover: Handover,
    private readonly words: SupportWords,
    private readonly inbox: Inbox,
  ) {
    handover.onchange = () => this.#follow();
    this.#render();
    if (handover.sending) this.#wait();
  }

  #follow(): void {
    if (this.handover.sending) return this.#wait();
    const within = this.element.contains((this.element.getRootNode() as ShadowRoot).activeElement);
    this.#render();
    const heading = this.#body.querySelector("h3")!;
    if (within) heading.focus();
    else this.#announce(heading.textContent);
  }

  /** Tells screen readers what is to be seen elsewhere in the card. */
  #announce(text: string): void {
    this.#said.className = "said";
    this.#said.textContent = text;
  }

  #render(): void {
    const { stage } = this.handover;
    this.element.dataset.support = stage;
    this.#said.textContent = "";
    this.#said.className = "";
    this.#body.replaceChildren(...this.#content());
  }

  /** What was pressed says that it is being sent, and keeps the focus. */
  #wait(): void {
    const { sending } = this.words;
    for (const button of this.#body.querySelectorAll<HTMLButtonElement>("[data-support=send]")) {
      Object.assign(button, { textContent: sending, ariaDisabled: "true" });
    }
    for (const fieldset of this.#body.querySelectorAll("fieldset")) fieldset.disabled = true;
    this.#announce(sending);
  }

  #content(): HTMLElement[] {
    switch (this.handover.stage) {
      case "offer":
        return this.#offer();
      case "contents":
        return this.#contents();
      case "received":
        return this.#received();
      case "not-sent":
        return this.#failed(this.words.notSent);
      case "no-receipt":
        return this.#failed(this.words.noReceipt, make("p", {}, this.words.noReceiptText));
    }
  }

  #offer(): HTMLElement[] {
    const { heading, intro, preview } = this.words;
    const show = this.#button(preview, "preview", () => this.handover.preview(true));
    show.className = "quiet";
    return [
      title(heading),
      make("p", {}, intro),
      ...this.#case(),
      show,
      foldedWays(this.handover, this.words, this.#said),
    ];
  }

  #contents(): HTMLElement[] {
    const { previewHeading, send, close } = this.words;
    const no = this.#button(close, "close", () => this.handover.preview(false));
    no.className = "quiet";
    return [
      title(previewHeading),
      ...this.#case(),
      ...contents(this.handover, this.words),
      make("div", { className: "actions" }, this.#button(send, "send", () => this.#send()), no),
    ];
  }

  #received(): HTMLElement[] {
    const { received, receivedText, receivedCase, receivedCode } = this.words;
    const { receipt, report } = this.handover;
    const named = receipt?.case && receipt.case === report.case;
    const code = receipt?.code && CODE.test(receipt.code) ? receipt.code : this.handover.code;
    return [
      title(received),
      make("p", {}, named ? fill(receivedCase, { case: isolated(receipt.case!) }) : receivedText),
      ...(code ? [codeBox(code, this.words, this.#said), make("p", { className: "soft" }, receivedCode)] : []),
    ];
  }

  #failed(heading: string, ...more: HTMLElement[]): HTMLElement[] {
    const { problems, again, instead } = this.words;
    const problem = this.handover.problem!;
    return [
      title(heading),
      make("p", {}, problems[problem]),
      ...more,
      ...(FINAL.includes(problem) ? [] : [this.#button(again, "send", () => this.#send())]),
      make("p", { className: "instead" }, instead),
      ...ways(this.handover, this.words, this.#said),
    ];
  }

  #case(): HTMLElement[] {
    const { report } = this.handover;
    return report.case ? [make("p", {}, fill(this.words.case, { case: isolated(report.case) }))] : [];
  }

  #send(): void {
    void this.handover.send(this.inbox);
  }

  #button(label: string, act: string, onclick: () => void): HTMLButtonElement {
    const button = make("button", { type: "button", onclick }, label);
    button.dataset.support = act;
    return button;
  }
}

/** It takes the focus when what it stands above has come. */
const title = (text: string) => make("h3", { tabIndex: -1 }, text);

/** A text of the user's own, which does not turn the sentence around it (Unicode's first-strong isolate). */
const isolated = (text: string) => `\u2068${text}\u2069`;
