import { make } from "./make";

/** Something for those who want it. */
export function folded(title: string, ...content: Node[]): HTMLDetailsElement {
  return make("details", { className: "folded" }, make("summary", {}, title), make("div", {}, ...content));
}
