import { make } from "./make";

/** Something for those who want it. */
export function folded(name: string, title: string, ...content: Node[]): HTMLDetailsElement {
  return named(name, make("details", { className: "folded" }, make("summary", {}, title), make("div", {}, ...content)));
}

/** Gives it the name by which it is known, in whatever language, as unfolded. */
export function named(name: string, fold: HTMLDetailsElement): HTMLDetailsElement {
  fold.dataset.fold = name;
  return fold;
}
