import { dayAt, dayInWords, dayOf } from "./days";
import { Actions, choice, Field } from "./field";
import { make } from "../view/make";
import type { Context } from "./more-context";
import { NOTE_KINDS, type NoteKind } from "./more-words";
import { LONGEST, MOST, Notebook, type Note } from "./notes";
import { download } from "./save";
import { fill } from "../view/words";

/** The page's notes, which outlive each rendering: what could not be stored is nowhere else. */
const notebook = new Notebook();

/** Notes of what was sent and answered, and the form that adds one. */
export function notes(context: Context): HTMLElement[] {
  return new NotesPart(context, notebook).content();
}

class NotesPart {
  #context: Context;
  #notebook: Notebook;
  #day: Field<HTMLInputElement>;
  #kind: Field<HTMLSelectElement>;
  #text: Field<HTMLTextAreaElement>;
  #form = make("div", { className: "fields" });
  #trouble = make("p", { role: "status", className: "trouble" });
  #list = make("div", { className: "notes" });
  // It takes the focus, which would be lost with the button that was pressed.
  #erased = make("p", { role: "status", tabIndex: -1, className: "told" });
  #adding = new Actions();
  #keeping = new Actions();

  constructor(context: Context, notebook: Notebook) {
    this.#context = context;
    this.#notebook = notebook;
    const { notes } = context.more;
    const { note } = context.entries;
    this.#day = new Field(notes.day, make("input", { type: "date", value: note.day ?? dayOf(new Date()) }));
    this.#kind = new Field(notes.kind, choice(NOTE_KINDS.map((kind): [string, string] => [kind, notes[kind]]), note.kind));
    this.#text = new Field(notes.text, make("textarea", { rows: 3, maxLength: LONGEST, value: note.text }), { hint: notes.textHint });
    for (const { control } of [this.#day, this.#kind, this.#text]) control.addEventListener("input", () => this.#remember());
  }

  content(): HTMLElement[] {
    const { notes } = this.#context.more;
    this.#form.append(this.#day.element, this.#kind.element, this.#text.element);
    this.#adding.add(notes.add, () => this.#add()).dataset.notes = "add";
    this.#show();
    return [make("p", {}, notes.intro), this.#trouble, this.#form, this.#adding.element, this.#list, this.#erased, this.#keeping.element];
  }

  /** What is not added yet is not lost when the language is changed. */
  #remember(): void {
    const { entries } = this.#context;
    entries.note = { day: this.#day.control.value, kind: this.#kind.control.value as NoteKind, text: this.#text.control.value };
  }

  #add(): string {
    const { notes, refund } = this.#context.more;
    const [day, text] = [this.#day.control.value, this.#text.control.value.trim()];
    this.#day.problem(dayAt(day) ? "" : refund.dayMissing);
    this.#text.problem(text ? "" : notes.textMissing);
    if (!dayAt(day) || !text) return "";
    const outcome = this.#notebook.add({ day, kind: this.#kind.control.value as NoteKind, text });
    if (outcome === "full") return notes.full;
    this.#text.control.value = "";
    this.#remember();
    this.#erased.textContent = "";
    this.#show();
    return outcome === "added" ? notes.added : "";
  }

  #show(): void {
    const { notes } = this.#context.more;
    const { trouble, unsaved } = this.#notebook;
    const all = this.#notebook.notes;
    this.#trouble.textContent = trouble ? notes[trouble] : unsaved ? notes.lost : "";
    this.#trouble.dataset.trouble = trouble ?? (unsaved ? "lost" : "");
    this.#form.hidden = this.#adding.element.hidden = trouble === "unreadable";
    this.#list.replaceChildren(...(all.length ? this.#listed(all) : trouble ? [] : [make("p", { className: "soft" }, notes.none)]));
    this.#offer(all.length > 0 || trouble === "unreadable");
  }

  #listed(all: Note[]): HTMLElement[] {
    const { notes } = this.#context.more;
    return [
      make("h5", {}, notes.list),
      make("ul", { className: "log" }, ...all.map((note) => this.#item(note))),
      make("p", { className: "soft" }, fill(notes.count, { count: all.length, most: MOST })),
    ];
  }

  #item(note: Note): HTMLElement {
    const { more: { notes }, words } = this.#context;
    const date = dayInWords(dayAt(note.day)!, words.language);
    const asking = make("div", { className: "row" });
    const erase = make("button", { type: "button", className: "quiet", ariaLabel: fill(notes.eraseLabel, { date }) }, notes.erase);
    erase.onclick = () => this.#ask(asking, notes.eraseOne, erase, () => this.#notebook.remove(note.id));
    asking.append(erase);
    return make("li", {}, make("p", { className: "soft" }, `${date} · ${notes[note.kind]}`), make("p", { className: "text" }, note.text), asking);
  }

  /** Asks in the place of the button before anything is erased. */
  #ask(place: HTMLElement, question: string, asker: HTMLButtonElement, erase: () => boolean): void {
    const { notes } = this.#context.more;
    const asked = make("p", { tabIndex: -1, className: "consent" }, question);
    const agree = make("button", { type: "button" }, notes.agree);
    agree.dataset.notes = "agree";
    const cancel = make("button", { type: "button", className: "quiet" }, notes.cancel);
    const before = [...place.childNodes];
    agree.onclick = () => {
      const said = erase() ? notes.erased : notes.eraseFailed;
      this.#show();
      this.#erased.textContent = said;
      this.#erased.focus();
    };
    cancel.onclick = () => {
      place.replaceChildren(...before);
      asker.focus();
    };
    place.replaceChildren(asked, agree, " ", cancel);
    asked.focus();
  }

  /** What can be done with all notes. */
  #offer(any: boolean): void {
    const { notes, save } = this.#context.more;
    const actions = (this.#keeping = replaced(this.#keeping));
    if (!any) return;
    actions.add(notes.saveJSON, () => download("refund-notes.json", "application/json", this.#notebook.json(), save)).dataset.notes = "json";
    actions.add(notes.saveText, () => download("refund-notes.txt", "text/plain;charset=utf-8", this.#asText(), save)).dataset.notes = "text";
    const erase: HTMLButtonElement = actions.add(notes.eraseAll, () => {
      this.#ask(erase.parentElement!, notes.eraseAllAsk, erase, () => this.#notebook.clear());
      return "";
    });
    erase.classList.add("quiet");
    erase.dataset.notes = "erase";
  }

  #asText(): string {
    const { more: { notes }, words } = this.#context;
    if (this.#notebook.trouble === "unreadable") return this.#notebook.json();
    return this.#notebook.notes.map(({ day, kind, text }) => `${dayInWords(dayAt(day)!, words.language)} · ${notes[kind]}\n${text}\n`).join("\n");
  }
}

/** Empty actions in the place of these. */
function replaced(old: Actions): Actions {
  const actions = new Actions();
  old.element.replaceWith(actions.element);
  return actions;
}
