// What to ask the bank, by the reason that it gave where the page handed it in.
import { dayInWords } from "./days";
import { Field } from "./field";
import { make } from "../view/make";
import { adoptStyles, type Context } from "./more-context";
import { savingText } from "./save";
import { DECLINED } from "../view/scene";
import type { Report } from "../types";
import { fill } from "../view/words";

/** The variants of it whose words give no reason, or advise the user: they tell a bank nothing. */
const UNSAID = ["no-reason", "another-reason", "suspected-fraud", "issuer-trouble"];
/** The facts that say why, from wasm/facts. */
const CODES = { transStatus: "threeds.outcome.trans-status", transStatusReason: "threeds.outcome.trans-status-reason", declineCode: "payment.decline-code" };

/** A text to read out to the bank, or to send. */
export function askBank(context: Context): HTMLElement {
  adoptStyles(context);
  const { bank, save } = context.more;
  const { bankTexts } = context.entries;
  const { id } = context.report;
  const text = make("textarea", { value: bankTexts.get(id) ?? bankText(context), rows: 14, spellcheck: false });
  text.oninput = () => bankTexts.set(id, text.value);
  const field = new Field(bank.label, text);
  return make("div", { className: "more bank" }, make("p", {}, bank.intro), field.element, savingText(text, "bank.txt", save).element);
}

/** The text is the user's to change; what it says of the browser is so of a clear verdict alone. */
export function bankText({ report, words, more: { bank } }: Context): string {
  const variant = variantOf(report);
  const codes = codesOf(report);
  const reason = variant && !UNSAID.includes(variant) ? words.variants[variant] : undefined;
  const opening = variant || report.verdict !== "clear" ? bank.declined : bank.failed;
  return [
    opening,
    fill(bank.asOf, { date: dayInWords(new Date(report.generatedAt), words.language) }),
    ...(reason ? [fill(bank.reason, { reason })] : []),
    ...(variant && codes ? [fill(bank.codes, { codes })] : []),
    "",
    bank.ask,
    ...(bank.questions[variant ?? ""] ?? bank.questions.general).map((question) => `– ${question}`),
  ].join("\n");
}

function variantOf({ findings }: Report): string | undefined {
  return findings.find(({ code }) => code === DECLINED)?.params?.variant;
}

/** Their names are those of EMV 3-D Secure, which a bank knows. */
function codesOf({ facts }: Report): string {
  const said = Object.entries(CODES).map(([name, fact]) => [name, (facts[fact] as { value?: unknown } | undefined)?.value]);
  return said.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`])).join(", ");
}
