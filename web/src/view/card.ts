import { make } from "./make";

/** A part of what is shown, set apart. */
export function card(name: string, ...content: Node[]): HTMLElement {
  const section = make("section", { className: `card ${name}` }, ...content);
  section.part.add("card");
  return section;
}
