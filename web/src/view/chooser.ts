import { icon } from "./icons";
import { make } from "./make";

/** The choice of the language, at the foot of the view. Every language is called what it calls itself. */
export class Chooser {
  #label = make("span", {});
  #select = make("select", { name: "language" });
  readonly element = make("label", { className: "chooser" }, icon("language"), this.#label, this.#select);

  constructor(chosen: (language: string) => void) {
    this.element.part.add("chooser");
    this.#select.append(...Object.entries(LANGUAGE_NAMES).map(([value, name]) => make("option", { value, lang: value }, name)));
    this.#select.onchange = () => chosen(this.#select.value);
  }

  get chosen(): string {
    return this.#select.value;
  }

  /** Shows which language is spoken, and calls itself by its word for it. */
  speak(language: string, label: string): void {
    this.#label.textContent = label;
    this.#select.value = language;
  }
}
