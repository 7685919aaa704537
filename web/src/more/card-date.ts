import { dayInWords } from "./days";
import { plainDigits } from "./digits";
import { Field, line } from "./field";
import { make } from "../view/make";
import type { MoreWords } from "./more-words";
import { fill } from "../view/words";

/** How far a card's year can be from today's. */
const YEARS = 20;

/** What a card's date is on a day, or what is wrong with the text. `until` is the last day on which the card is valid. */
export type Reading =
  | { state: "valid" | "lastMonth" | "expired"; until: Date }
  | { state: "missing" | "unclear" }
  | { state: "wrongMonth" | "wrongYear"; written: string };

/** Month and year, with a mark between or none, or the year first. */
const FORMS = [
  /^(?<month>\d{1,2})[\s/.-]+(?<year>\d{4}|\d\d)$/,
  /^(?<month>\d\d)(?<year>\d{4}|\d\d)$/,
  /^(?<year>\d{4})[\s/.-]+(?<month>\d{1,2})$/,
];

/** Reads a card's date as somebody types it, and compares it with today's. */
export function readCardDate(text: string, today: Date): Reading {
  const plain = plainDigits(text).replace(/[年月]/g, "/").replace(/\/$/, "");
  if (!plain) return { state: "missing" };
  const parts = FORMS.map((form) => form.exec(plain)?.groups).find(Boolean);
  if (!parts) return { state: "unclear" };
  const [month, year] = [Number(parts.month), Number(parts.year) + (parts.year!.length === 2 ? 2000 : 0)];
  if (month < 1 || month > 12) return { state: "wrongMonth", written: parts.month! };
  if (Math.abs(year - today.getFullYear()) > YEARS) return { state: "wrongYear", written: `${year}` };
  const left = (year - today.getFullYear()) * 12 + month - 1 - today.getMonth(); // months
  return { state: left < 0 ? "expired" : left ? "valid" : "lastMonth", until: new Date(year, month, 0) };
}

/** A field for the card's date that says at once what it means. It goes on, in another language, with what was typed; nothing of it is stored. */
export function cardDate(words: MoreWords["cardDate"], language: string, typed: { cardDate: string }): HTMLElement {
  const example = exampleOn(new Date());
  const field = new Field(words.label, line({ inputMode: "numeric", maxLength: 12, size: 8, dir: "ltr", value: typed.cardDate }), {
    hint: fill(words.hint, { example }),
  });
  const result = make("p", { role: "status", className: "reading" });
  const show = (finished: boolean) => {
    const reading = readCardDate(field.control.value, new Date());
    const known = "until" in reading && (finished || !isHalf(field.control.value));
    result.textContent = known ? fill(words[reading.state], { date: dayInWords(reading.until, language) }) : "";
    result.dataset.state = reading.state;
    field.problem("until" in reading || !finished ? "" : problem(reading, words, example));
  };
  field.control.oninput = () => {
    typed.cardDate = field.control.value;
    show(false);
  };
  field.control.onchange = () => show(true);
  if (typed.cardDate) show(true);
  return make("div", { className: "card-date" }, field.element, result);
}

function problem(reading: Exclude<Reading, { until: Date }>, words: MoreWords["cardDate"], example: string): string {
  const written = "written" in reading ? reading.written : "";
  return fill(words[reading.state], { example, month: written, year: written });
}

/** A date as it stands on a card: next year's August. */
const exampleOn = (today: Date) => `08/${`${today.getFullYear() + 1}`.slice(-2)}`;

/** Whether the year's first two digits are there, and its last two may follow. */
const isHalf = (text: string) => /^\d{1,2}\D*20$/.test(plainDigits(text));
