// Labelled fields, as all forms here have them.
import { make } from "../view/make";

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

let count = 0;

/** An id that no other element of the chunk has. */
export const newID = () => `more-${++count}`;

/** A control with its label, its hint and what is wrong with its value, all tied to it. */
export class Field<C extends Control> {
  readonly element: HTMLElement;
  // There from the start, so that screen readers hear what comes into them.
  #hint = make("p", { id: newID(), className: "help" });
  #problem = make("p", { id: newID(), className: "problem", ariaLive: "polite" });

  constructor(
    label: string,
    readonly control: C,
    { hint = "", optional = "" } = {},
  ) {
    control.id = newID();
    control.setAttribute("aria-describedby", `${this.#hint.id} ${this.#problem.id}`);
    this.#hint.textContent = hint;
    const name = make("label", { htmlFor: control.id }, label);
    if (optional) name.append(" ", make("span", { className: "optional" }, `(${optional})`));
    this.element = make("div", { className: "field" }, name, this.#hint, control, this.#problem);
  }

  hint(text: string): void {
    if (this.#hint.textContent !== text) this.#hint.textContent = text;
  }

  /** Says what is wrong; nothing is by an empty text. */
  problem(text: string): void {
    if (this.#problem.textContent !== text) this.#problem.textContent = text;
    this.control.ariaInvalid = `${text !== ""}`;
  }
}

/** A field's control for a line of text that no browser fills in by itself. */
export function line(properties: Partial<HTMLInputElement>): HTMLInputElement {
  return make("input", { type: "text", dir: "auto", autocomplete: "off", spellcheck: false, ...properties });
}

export function choice(options: [value: string, label: string][], value: string): HTMLSelectElement {
  const select = make("select", {}, ...options.map(([value, label]) => make("option", { value }, label)));
  select.value = value;
  return select;
}

/** Buttons in a row, with a line below that says what came of the last one pressed. */
export class Actions {
  #row = make("div", { className: "row" });
  #said = make("p", { role: "status", className: "told" });
  readonly element = make("div", { className: "actions" }, this.#row, this.#said);

  /** `act` returns what is to be said. */
  add(label: string, act: () => string | Promise<string>): HTMLButtonElement {
    const button = make("button", { type: "button", onclick: async () => this.say(await act()) }, label);
    this.#row.append(button, " ");
    return button;
  }

  say(text: string): void {
    this.#said.textContent = text;
  }
}
