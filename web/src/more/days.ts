// Days of the local calendar, written as a date field has them: 2026-11-22.

/** The local midnight at which the day begins; undefined where the text is no day. */
export function dayAt(text: string): Date | undefined {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)?.map(Number) ?? [];
  if (!year || !month || !day) return;
  const at = new Date(year, month - 1, day);
  return at.getMonth() === month - 1 && at.getDate() === day ? at : undefined;
}

export function dayOf(at: Date): string {
  const two = (n: number) => `${n}`.padStart(2, "0");
  return `${`${at.getFullYear()}`.padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The day that comes so many days later. */
export function laterBy(days: number, at: Date): Date {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + days);
}

/** The same, where Saturdays and Sundays do not count. */
export function workdaysLater(days: number, at: Date): Date {
  let later = at;
  for (let left = days; left > 0; ) {
    later = laterBy(1, later);
    if (later.getDay() % 6) left--;
  }
  return later;
}

/** The tag of a language with the calendar and the digits that all of its words use. */
export const plainTag = (language: string) => `${language}-u-ca-gregory-nu-latn`;

/** The day in words. */
export function dayInWords(at: Date, language: string): string {
  return new Intl.DateTimeFormat(plainTag(language), { dateStyle: "long" }).format(at);
}
