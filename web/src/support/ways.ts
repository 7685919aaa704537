// The ways to support that need no network: a code to name, and a file.
import { contents, kept } from "./contents";
import type { Handover } from "./handover";
import type { SupportWords } from "./support-words";
import { folded } from "../view/fold";
import { make } from "../view/make";
import { copy, download } from "../view/save";
import { fill } from "../view/words";

/** What there is where the page has no way to send anything. */
export function byHand(handover: Handover, words: SupportWords): HTMLElement {
  const said = make("p", { role: "status" });
  const fold = folded("support", words.tell, foldedContent(handover, words, said), said);
  fold.classList.add("support");
  return kept(fold, "ways", handover);
}

/** The same for who could send it, and has support on the phone. */
export function foldedWays(handover: Handover, words: SupportWords, said: HTMLElement): HTMLElement {
  return kept(make("details", {}, make("summary", {}, words.code), foldedContent(handover, words, said)), "ways", handover);
}

const foldedContent = (handover: Handover, words: SupportWords, said: HTMLElement) =>
  make("div", {}, make("p", {}, words.tellText), ...ways(handover, words, said));

/** The code and the file. What comes of their buttons is put into `said`. */
export function ways(handover: Handover, words: SupportWords, said: HTMLElement): HTMLElement[] {
  const file = kept(make("details", {}, make("summary", {}, words.file), ...contents(handover, words)), "file", handover);
  const code = handover.code ? [codeBox(handover.code, words, said), make("p", { className: "soft" }, words.readOut)] : [];
  return [...code, saveButton(handover, words, said), file];
}

/** The code as large as it is read out, and the button that copies it. */
export function codeBox(code: string, words: SupportWords, said: HTMLElement): HTMLElement {
  const text = make("code", { dir: "ltr", translate: false }, ...grouped(code));
  text.dataset.support = "code";
  const onclick = async () => {
    const copied = await copy(code);
    if (!copied) getSelection()?.selectAllChildren(text);
    say(copied ? words.copied : words.copyFailed, said);
  };
  const button = make("button", { type: "button", className: "quiet", onclick }, words.copy);
  button.dataset.support = "copy";
  return make(
    "div",
    { className: "named" },
    make("p", {}, make("span", { className: "soft" }, words.code), text),
    button,
  );
}

/** The code's groups, between which a line may end. */
const grouped = (code: string): Node[] => code.split(/(?<=-)/).map((group) => make("span", {}, group));

function saveButton(handover: Handover, words: SupportWords, said: HTMLElement): HTMLElement {
  const name = `checkout-doctor-${handover.report.id}.json`;
  const onclick = () => {
    const saved = download(name, "application/json", handover.text);
    say(saved ? fill(words.saved, { file: name }) : words.saveFailed, said);
  };
  const button = make("button", { type: "button", className: "quiet", onclick }, words.save);
  button.dataset.support = "save";
  return button;
}

/** Says it to everybody: what was said before may have been for screen readers alone. */
function say(text: string, said: HTMLElement): void {
  said.className = "";
  said.textContent = text;
}
