// What leaves the page, for its user to look at and to leave parts out of.
import type { Handover } from "./handover";
import { partsIn, type Part } from "./parts";
import type { SupportWords } from "./support-words";
import { make } from "../view/make";

/** The parts to choose from, and the very text, which follows the choice. */
export function contents(handover: Handover, words: SupportWords): HTMLElement[] {
  const text = make("pre", { tabIndex: 0, dir: "ltr", lang: "en", translate: false, role: "region", ariaLabel: words.exact }, handover.text);
  text.dataset.support = "exact";
  const details = kept(make("details", {}, make("summary", {}, words.exact), text), "text", handover);
  const parts = partsIn(handover.report);
  const follow = () => (text.textContent = handover.text);
  return [make("p", {}, words.always), ...(parts.length ? [choice(parts, handover, words, follow)] : []), details];
}

function choice(parts: Part[], handover: Handover, words: SupportWords, changed: () => void): HTMLElement {
  const option = (part: Part) => {
    const { title, text } = words.parts[part];
    const box = make("input", { type: "checkbox", checked: !handover.holdsBack(part), value: part });
    box.onchange = () => {
      handover.holdBack(part, !box.checked);
      changed();
    };
    return make("label", {}, box, make("span", {}, make("strong", {}, title), make("span", { className: "soft" }, text)));
  };
  const { tried } = handover;
  const legend = make("legend", {}, tried ? words.chosen : words.choose);
  return make("fieldset", { disabled: !!tried }, legend, ...parts.map(option));
}

/** Has what is folded away unfolded where it was so before. */
export function kept(details: HTMLDetailsElement, name: keyof Handover["open"], { open }: Handover): HTMLDetailsElement {
  details.open = open[name];
  details.ontoggle = () => (open[name] = details.open);
  return details;
}
