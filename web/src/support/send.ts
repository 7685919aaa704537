// Sends a report, and believes that it arrived only by a receipt that names it.
import { attempt } from "../loader/attempt";
import type { Inbox } from "./inbox";

/** How long an answer may take, in milliseconds. */
const LIMIT = 15_000;
/** The longest answer that is read, in bytes: a receipt has about a hundred. */
const LONGEST = 4096;

/** Why there is no receipt; worded in the locales. */
export type Problem =
  | "offline" | "unreachable" | "timed-out" | "other-answer" | "too-many" | "expired" | "spent" | "link" | "unavailable" | "refused";

/** What the inbox says of a report that it keeps. */
export interface Receipt {
  id: string;
  case?: string;
  code?: string;
}

/** `unsure` tells that the inbox may have the report although no receipt came. */
export type Outcome = { receipt: Receipt } | { problem: Problem; unsure: boolean };

/** Sends the text of the report with that id. It never rejects. */
export async function send(text: string, id: string, { url, link }: Inbox): Promise<Outcome> {
  const signal = AbortSignal.timeout(LIMIT);
  const { onLine } = navigator;
  try {
    const response = await fetch(url, {
      method: "POST",
      body: text,
      headers: { "Content-Type": "application/json", ...(link && { "Checkout-Doctor-Link": link }) },
      mode: "cors",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      cache: "no-store",
      signal,
    });
    return outcomeOf(response, await answerOf(response), id);
  } catch {
    if (signal.aborted) return { problem: "timed-out", unsure: true };
    return navigator.onLine ? { problem: "unreachable", unsure: true } : { problem: "offline", unsure: onLine };
  }
}

type Answer = Partial<Record<"id" | "case" | "code" | "error", unknown>>;

/** What the server says, as far as it is the inbox; undefined where something else answers. It rejects where the answer is cut. */
async function answerOf(response: Response): Promise<Answer | undefined> {
  if (!/^application\/json\b/i.test(response.headers.get("Content-Type") ?? "")) return;
  const text = await beginning(response);
  const answer = attempt(() => JSON.parse(text) as unknown);
  return typeof answer === "object" && answer ? answer : undefined;
}

/** The answer's text; of a longer one than a receipt can be only as much. */
async function beginning({ body }: Response): Promise<string> {
  if (!body) return "";
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    text += step.value;
    if (text.length > LONGEST) return reader.cancel().then(() => text);
  }
  return text;
}

function outcomeOf({ status }: Response, answer: Answer | undefined, id: string): Outcome {
  const good = status === 200 || status === 201;
  if (good && answer?.id === id) return { receipt: receiptOf(answer, id) };
  if (!good && typeof answer?.error === "string") return { problem: problemOf(answer.error), unsure: false };
  // A proxy's error says nothing of what the server behind it did with the report.
  return status >= 500 ? { problem: "unavailable", unsure: true } : { problem: "other-answer", unsure: false };
}

/** What is no text counts as not said. */
function receiptOf(answer: Answer, id: string): Receipt {
  const said = (key: "case" | "code") => (typeof answer[key] === "string" ? answer[key] : undefined);
  return { id, case: said("case"), code: said("code") };
}

/** The words of the inbox that the user can do something about. */
const TOLD: Record<string, Problem> = {
  "too-many": "too-many", expired: "expired", spent: "spent", link: "link", unavailable: "unavailable", timeout: "timed-out",
};

const problemOf = (word: string): Problem => (Object.hasOwn(TOLD, word) && TOLD[word]) || "refused";
