import { amountInWords, readAmount } from "./amount";
import { dayAt, dayInWords, dayOf, plainTag } from "./days";
import { choice, Field, line } from "./field";
import { make } from "../view/make";
import type { Context, Request } from "./more-context";
import type { Kind } from "./more-words";
import { savingText } from "./save";
import { sentences } from "../view/scene";
import { fill } from "../view/words";

/** What there can be proof of. */
const PROVABLE: Kind[] = ["billing-error", "glitch", "unknown-charge"];
/** The most characters of what happened. */
const LONGEST = 4000;

/** The form and the text that follows it until the user changes that. */
export class Draft {
  #context: Context;
  #area = make("textarea", { rows: 14, className: "letter" });
  #changed = make("p", { role: "status", className: "soft" });
  #redo: HTMLButtonElement;

  constructor(context: Context) {
    this.#context = context;
    this.#redo = make("button", { type: "button", onclick: () => this.#writeAnew() }, context.more.refund.redo);
    this.#area.oninput = () => this.#takeOver(this.#area.value);
    this.#show();
  }

  get text(): string {
    return this.#area.value;
  }

  /** Takes over what was entered, unless the user has changed the text. */
  follow(): void {
    if (this.#context.entries.draft === undefined) this.#area.value = letter(this.#context);
  }

  content(): HTMLElement[] {
    const { refund, save } = this.#context.more;
    const saving = savingText(this.#area, "refund-request.txt", save);
    return [
      make("p", {}, refund.draftIntro),
      make("div", { className: "fields" }, ...this.#fields()),
      new Field(refund.draft, this.#area).element,
      this.#changed,
      make("div", { className: "actions" }, this.#redo),
      saving.element,
    ];
  }

  #takeOver(text: string): void {
    this.#context.entries.draft = text;
    this.#show();
  }

  #writeAnew(): void {
    this.#context.entries.draft = undefined;
    this.#show();
    this.#area.focus();
  }

  #show(): void {
    const { entries, more } = this.#context;
    const changed = entries.draft !== undefined;
    this.#changed.textContent = changed ? more.refund.changed : "";
    this.#redo.hidden = !changed;
    if (this.#area.value !== entries.draft) this.#area.value = entries.draft ?? letter(this.#context);
  }

  #fields(): HTMLElement[] {
    const { refund } = this.#context.more;
    const optional = { optional: refund.optional };
    const account = this.#bind("account", new Field(refund.account, line({ maxLength: 200 })));
    const story = make("textarea", { rows: 4, maxLength: LONGEST });
    const reference = this.#bind("reference", new Field(refund.reference, line({ maxLength: 200 }), optional));
    return [account, this.#bind("story", new Field(refund.story, story, { hint: refund.storyHint })), ...this.#money(), this.#charged(optional), reference];
  }

  /** A field that the text follows. */
  #bind(name: keyof Request, field: Field<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>, also = () => {}): HTMLElement {
    const { control } = field;
    control.dataset.entry = name;
    control.value = this.#context.entries.request[name];
    control.addEventListener("input", () => {
      this.#context.entries.request[name] = control.value;
      also();
      this.follow();
    });
    return field.element;
  }

  /** The amount is said as it was read, so that a point that divides is not taken for one that groups. */
  #money(): HTMLElement[] {
    const { entries, words, more: { refund } } = this.#context;
    const amount = new Field(refund.amount, line({ inputMode: "decimal", maxLength: 20, dir: "ltr" }));
    const currency = new Field(refund.currency, choice([["", refund.currencyNone], ...currencies(words.language)], ""));
    const read = () => {
      const amount = amountOf(entries.request, words.language);
      return amount && fill(refund.amountHint, { amount });
    };
    const show = () => {
      amount.hint(read() ?? "");
      if (read()) amount.problem("");
    };
    amount.control.onchange = currency.control.onchange = () => {
      const unclear = entries.request.amount.trim() !== "" && entries.request.currency !== "" && !read();
      amount.problem(unclear ? fill(refund.amountUnclear, { example: exampleAmount(words.language) }) : "");
    };
    const fields = [this.#bind("amount", amount, show), this.#bind("currency", currency, show)];
    show();
    return fields;
  }

  #charged(optional: { optional: string }): HTMLElement {
    const { more: { refund }, entries } = this.#context;
    const field = new Field(refund.charged, make("input", { type: "date", max: dayOf(new Date()) }), optional);
    const late = () => field.problem(entries.request.charged > dayOf(new Date()) ? refund.chargedLate : "");
    return this.#bind("charged", field, late);
  }
}

/** The request as it would be sent: what was entered, and nothing that was not. */
export function letter({ report, words: { language }, more, entries: { kind, request } }: Context): string {
  const { letter, refund } = more;
  const charged = dayAt(request.charged);
  const facts = [
    request.account.trim() && fill(letter.account, { account: request.account.trim() }),
    request.amount.trim() && fill(letter.amount, { amount: amountOf(request, language) ?? `${request.amount.trim()} ${request.currency}`.trim() }),
    charged && fill(letter.charged, { date: dayInWords(charged, language) }),
    request.reference.trim() && fill(letter.reference, { reference: request.reference.trim() }),
  ].filter(Boolean);
  const enclosed = [
    fill(letter.report, { id: report.id, date: dayInWords(new Date(report.generatedAt), language) }),
    ...(kind && PROVABLE.includes(kind) ? [letter.proof] : []),
  ];
  const paragraphs = [
    letter.subject,
    letter.greeting,
    sentences(letter.opening, kind && refund.kinds[kind].draft),
    facts.join("\n"),
    request.story.trim(),
    enclosed.join("\n"),
    letter.closing,
    letter.regards,
  ];
  return paragraphs.filter(Boolean).join("\n\n");
}

/** The amount with its currency in words; undefined where one of them is missing or unclear. */
function amountOf({ amount, currency }: Request, language: string): string | undefined {
  const read = currency ? readAmount(amount, currency, language) : undefined;
  return read === undefined ? undefined : amountInWords(read, currency, language);
}

const exampleAmount = (language: string) => new Intl.NumberFormat(plainTag(language), { minimumFractionDigits: 2 }).format(1250);

/** All currencies that the browser knows, by their names; a few where it cannot list them. */
function currencies(language: string): [code: string, label: string][] {
  const codes = Intl.supportedValuesOf?.("currency") ?? ["AED", "BRL", "CNY", "EUR", "GBP", "IDR", "JPY", "MYR", "SEK", "USD"];
  const names = new Intl.DisplayNames([language], { type: "currency" });
  return codes.map((code): [string, string] => [code, `${code} – ${names.of(code) ?? code}`]);
}
