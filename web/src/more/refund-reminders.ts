import { calendar, type Reminder } from "./calendar";
import { dayAt, dayInWords, dayOf, laterBy, workdaysLater } from "./days";
import { Actions, Field } from "./field";
import { make } from "../view/make";
import type { Context } from "./more-context";
import { randomID } from "../loader/random";
import { download } from "./save";
import { fill } from "../view/words";

/** When to ask again, in workdays after the request: an answer takes several. */
const FIRST = 5;
const SECOND = 10;
/** How often to look at the spending, once a week. */
const LOOKS = 4;
/** The hour at which a reminder comes. */
const HOUR = 9;

/** Days to ask again, as a file for the user's calendar. */
export function reminders(context: Context): HTMLElement[] {
  return new Reminders(context).content();
}

class Reminders {
  #context: Context;
  #sent: Field<HTMLInputElement>;
  #first: Field<HTMLInputElement>;
  #second: Field<HTMLInputElement>;

  constructor(context: Context) {
    this.#context = context;
    const { refund } = context.more;
    this.#sent = this.#field("sent", refund.sent);
    this.#first = this.#field("first", refund.first);
    this.#second = this.#field("second", refund.second);
    this.#suggest();
  }

  content(): HTMLElement[] {
    const { more: { refund, save }, entries } = this.#context;
    const weekly = make("input", { type: "checkbox", checked: entries.reminders.weekly });
    weekly.onchange = () => (entries.reminders.weekly = weekly.checked);
    const actions = new Actions();
    const saving = () => {
      if (this.#valid()) return download("refund-reminders.ics", "text/calendar;charset=utf-8", this.#file(), save);
      this.#wrong()!.control.focus();
      return "";
    };
    actions.add(refund.saveReminders, saving).dataset.save = "reminders";
    return [
      make("p", {}, refund.remindIntro),
      make("div", { className: "fields" }, this.#sent.element, this.#first.element, this.#second.element),
      make("label", { className: "choice" }, weekly, make("span", {}, refund.weekly)),
      actions.element,
    ];
  }

  #field(name: "sent" | "first" | "second", label: string): Field<HTMLInputElement> {
    const { reminders } = this.#context.entries;
    const field = new Field(label, make("input", { type: "date", required: true }));
    field.control.dataset.entry = name;
    field.control.onchange = () => {
      reminders[name] = field.control.value;
      if (name === "sent") this.#suggest();
      this.#valid();
    };
    return field;
  }

  /** Days that the user did not choose follow from the day on which the request is sent. */
  #suggest(): void {
    const { sent, first, second } = this.#context.entries.reminders;
    const begin = dayAt(sent ?? "") ?? new Date();
    this.#sent.control.value = dayOf(begin);
    this.#first.control.value = first ?? dayOf(workdaysLater(FIRST, begin));
    this.#second.control.value = second ?? dayOf(workdaysLater(SECOND, begin));
  }

  /** Says what is wrong with the days, and whether nothing is. */
  #valid(): boolean {
    const { refund } = this.#context.more;
    const today = dayOf(new Date());
    const [sent, first, second] = [this.#sent.control.value, this.#first.control.value, this.#second.control.value];
    const future = (day: string) => {
      if (!dayAt(day)) return refund.dayMissing;
      if (day <= today) return refund.dayPast;
      return day <= sent ? refund.dayBeforeSent : "";
    };
    this.#sent.problem(dayAt(sent) ? "" : refund.dayMissing);
    this.#first.problem(future(first));
    this.#second.problem(future(second) || (second <= first ? refund.dayOrder : ""));
    return !this.#wrong();
  }

  /** The first field with a problem. */
  #wrong(): Field<HTMLInputElement> | undefined {
    return [this.#sent, this.#first, this.#second].find(({ control }) => control.ariaInvalid === "true");
  }

  #file(): string {
    const { more: { refund }, words, entries } = this.#context;
    const text = fill(refund.eventText, { date: dayInWords(dayAt(this.#sent.control.value)!, words.language) });
    const asking = (summary: string, field: Field<HTMLInputElement>) => reminder(dayAt(field.control.value)!, summary, text);
    const looks = Array.from({ length: LOOKS }, (_, i) => reminder(laterBy(7 * (i + 1), new Date()), refund.eventSpend, refund.eventSpendText));
    const all = [asking(refund.eventFirst, this.#first), asking(refund.eventSecond, this.#second), ...(entries.reminders.weekly ? looks : [])];
    return calendar(all, new Date());
  }
}

function reminder(day: Date, summary: string, description: string): Reminder {
  const at = new Date(day.getFullYear(), day.getMonth(), day.getDate(), HOUR);
  return { uid: `${randomID()}@checkout-doctor`, at, summary, description };
}
