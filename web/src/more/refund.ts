// The way to a refund: whether to ask, where, with what, and what comes after.
import { make } from "../view/make";
import { keepDraft } from "./kept-draft";
import { adoptStyles, type Context } from "./more-context";
import { Draft } from "./refund-draft";
import { mayAsk } from "./refund-may";
import { notes } from "./refund-notes";
import { proof } from "./refund-proof";
import { reminders } from "./refund-reminders";

/** What is entered stays in the page, the draft of the request in its tab, and the notes in the browser. */
export function refund(context: Context): HTMLElement {
  adoptStyles(context);
  const words = context.more.refund;
  const draft = new Draft(context);
  const section = make(
    "section",
    { className: "card more refund" },
    make("h3", {}, words.heading),
    make("p", {}, words.intro),
    part("may", words.mayHeading, ...mayAsk(context, () => draft.follow())),
    part("where", words.whereHeading, list("ol", words.where)),
    part("proof", words.handInHeading, list("ul", words.handIn), ...proof(context, () => draft.text)),
    part("draft", words.draftHeading, ...draft.content()),
    part("wait", words.waitHeading, list("ul", words.wait), make("h5", {}, words.spendHeading), list("ul", words.spend)),
    part("remind", words.remindHeading, ...reminders(context)),
    part("notes", context.more.notes.heading, ...notes(context)),
  );
  for (const type of ["input", "change", "click"]) section.addEventListener(type, () => keepDraft(context.entries)); // after what was acted on
  return section;
}

function part(name: string, heading: string, ...content: HTMLElement[]): HTMLElement {
  const element = make("section", { className: "part" }, make("h4", {}, heading), ...content);
  element.dataset.part = name;
  return element;
}

function list(kind: "ol" | "ul", items: string[]): HTMLElement {
  return make(kind, {}, ...items.map((item) => make("li", {}, item)));
}
