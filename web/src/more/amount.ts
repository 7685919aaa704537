import { plainTag } from "./days";
import { plainDigits } from "./digits";

/**
 * The amount that the text is, above zero and below a billion; undefined where
 * it is none. Points and commas both group and divide, by the language: what
 * stands behind the last one is a fraction where the currency has so many
 * digits of it, and a group where there are three.
 */
export function readAmount(text: string, currency: string, language: string): number | undefined {
  const plain = plainDigits(text).replace(/[\s'’\u066c]/g, "").replace("\u066b", decimalMark(language));
  const [, whole, mark, last] = /^(\d[\d.,]*?)(?:([.,])(\d+))?$/.exec(plain) ?? [];
  if (whole === undefined) return;
  const fraction = mark !== undefined && divides(mark, whole, last!, currency, language);
  const groups = fraction || mark === undefined ? whole : whole + mark + last;
  if (!grouped(groups, fraction ? mark : undefined)) return;
  const amount = Number(groups.replace(/[.,]/g, "") + (fraction ? `.${last}` : ""));
  return amount > 0 && amount < 1e9 ? amount : undefined;
}

/** The amount as it is written in the language. */
export function amountInWords(amount: number, currency: string, language: string): string {
  return new Intl.NumberFormat(plainTag(language), { style: "currency", currency }).format(amount);
}

/** Whether the mark before the last digits divides the whole from its fraction. */
function divides(mark: string, whole: string, last: string, currency: string, language: string): boolean {
  if (whole.includes(mark) || last.length > fractionDigits(currency)) return false;
  return last.length !== 3 || /[.,]/.test(whole) || mark === decimalMark(language);
}

/** Whether these are digits alone, or groups of three with one mark between, which is not the one that divides. */
function grouped(text: string, divider: string | undefined): boolean {
  const mark = /[.,]/.exec(text)?.[0];
  if (mark === undefined) return true;
  const [first, ...rest] = text.split(mark);
  return mark !== divider && /^\d{1,3}$/.test(first!) && rest.every((group) => /^\d{3}$/.test(group));
}

function fractionDigits(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

function decimalMark(language: string): string {
  return new Intl.NumberFormat(plainTag(language)).formatToParts(1.5).find(({ type }) => type === "decimal")?.value ?? ".";
}
