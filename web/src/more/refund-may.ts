import { newID } from "./field";
import { make } from "../view/make";
import type { Context } from "./more-context";
import { KINDS, type Kind } from "./more-words";

/** The policy, and what it means for what happened; `changed` is called when the user says what that is. */
export function mayAsk({ more, entries }: Context, changed: () => void): HTMLElement[] {
  const words = more.refund;
  const answer = make("p", { role: "status", className: "answer" });
  const name = newID();
  const show = () => (answer.textContent = entries.kind ? words.kinds[entries.kind].answer : "");
  const choose = (kind: Kind) => {
    entries.kind = kind;
    show();
    changed();
  };
  const option = (kind: Kind) =>
    make(
      "label",
      { className: "choice" },
      make("input", { type: "radio", name, value: kind, checked: entries.kind === kind, onchange: () => choose(kind) }),
      make("span", {}, words.kinds[kind].choice),
    );
  show();
  return [make("p", {}, words.policy), make("fieldset", {}, make("legend", {}, words.kind), ...KINDS.map(option)), answer];
}
