// What crosses between the host page and the isolated frame, and how either side
// checks what it gets.
import { either, fitsIn, fitting, flag, list, nullable, number, object, oneOf, optional, record, some, text, type Shape } from "./shapes";
import type { ChallengeEnd, Failure, FrameNotes, Note, Options, PopupCheck, Progress, Report } from "../types";

/** What the frame says to its parent once it listens. It tells nothing but the nonce, so any origin may hear it. */
export const HELLO = "checkout-doctor:frame";
/** What the host page answers, with the port by which all else goes. */
export const ERRAND = "checkout-doctor:errand";

/** What the frame is to diagnose: a handover without functions and elements. */
export interface Errand {
  type: typeof ERRAND;
  nonce: string;
  /** Why the module does not run in the page itself. */
  isolated: Failure["problem"];
  /** Whether a sandbox keeps the page from opening windows; missing where it cannot tell. */
  sandboxed?: boolean;
  options: Omit<Options, "signal" | "onProgress"> & { mode: string };
  /** Where the diagnostic's server echoes; empty for nowhere. */
  control: string;
  /** The challenge frame's element, as far as another page may know it. */
  frame: { isConnected: true } | null;
  frameNotes: FrameNotes | null;
  end: ChallengeEnd | null;
  left: boolean;
  notes: Note[];
  recording: boolean;
  popup: PopupCheck | null;
  gesture: boolean;
}

/** What comes back by the port: any number of progress, and then one of the others. */
export type Answer =
  | { kind: "progress"; progress: Progress }
  | { kind: "report"; report: Report }
  | { kind: "failure"; reason: Failure["reason"]; problem: Failure["problem"] };

/** The most that either side takes, in UTF-16 units of JSON. A report has some 30,000. */
const LARGEST = 500_000;

const word = text(80);
const origin = text(300);
const url = text(4000);

const note: Shape = either(
  object({ at: number(), kind: oneOf("violation"), directive: word, origin, disposition: word, listed: optional(flag) }),
  object({ at: number(), kind: oneOf("report"), type: word, directive: word, origin, disposition: word }),
  object({ at: number(), kind: oneOf("frame"), event: oneOf("added", "load", "removed"), fromFrame: optional(flag) }),
  object({ at: number(), kind: oneOf("message"), origin, completion: flag, fromFrame: optional(flag) }),
  object({ at: number(), kind: oneOf("chunk"), origin }),
);

const frameNotes = object({
  loads: number(), messages: number(), focused: flag, nullOrigin: flag, lived: number(), opened: optional(number()), most: number(),
});

const end = object({
  age: number(),
  cres: oneOf("none", "unpadded", "padded", "malformed"),
  transaction: oneOf("same", "other", "absent"),
});

const popup = object({
  result: oneOf("window", "null", "threw"),
  activationBefore: optional(flag), activationAfter: optional(flag),
  native: flag, hello: flag, closedEarly: flag,
});

/** The options that cross, and what each must be. One of another shape counts as not given. */
const OPTIONS = { mode: oneOf("embed", "link"), only: list(word, 100), vantage: url, helper: url, canary: url, case: text(200) };
const OUTCOME = { transStatus: word, transStatusReason: word, errorCode: word, declineCode: word };
const THREE_DS = { acsURL: url, methodURL: url, notificationURL: url, compInd: word, windowSize: word, timeLimit: number() };
const HOST_POPUP = { result: word, activation: flag, second: flag };
const HOST_PAGE = { providerOrigins: list(url, 100) };

const ERRAND_SHAPE = object({
  type: oneOf(ERRAND), nonce: text(64),
  isolated: oneOf("policy", "network", "integrity"),
  sandboxed: optional(flag),
  options: object({
    ...some(OPTIONS),
    threeDS: object({ ...some(THREE_DS), outcome: object(some(OUTCOME)) }),
    popup: object(some(HOST_POPUP)),
    page: object(some(HOST_PAGE)),
  }),
  control: url,
  frame: nullable(object({ isConnected: oneOf(true) })),
  frameNotes: nullable(frameNotes),
  end: nullable(end),
  left: flag, notes: list(note, 1000), recording: flag,
  popup: nullable(popup), gesture: flag,
});

/** Whether a message is an errand. */
export const isErrand = (data: unknown): data is Errand => ERRAND_SHAPE(data) && fitsIn(LARGEST, data);

/** Those of the options that the frame can use: none of the page's elements, and nothing that only the page itself can look at. */
export function crossing({ threeDS, popup, page, ...options }: Errand["options"]): Errand["options"] {
  return {
    mode: options.mode,
    ...fitting(OPTIONS, options),
    threeDS: { ...fitting(THREE_DS, threeDS), outcome: fitting(OUTCOME, threeDS?.outcome) },
    popup: fitting(HOST_POPUP, popup),
    page: fitting(HOST_PAGE, page),
  };
}

const code = text(100);
const scalar = either(flag, number(-Number.MAX_SAFE_INTEGER), text(300));
const value = either(scalar, list(text(300), 200));
const codes = list(object({ code, because: code }), 300);

const finding = object({
  code,
  severity: oneOf("blocking", "degrading", "notice"),
  confidence: oneOf("certain", "likely", "possible"),
  params: object({ oneOf: optional(list(word, 20)), variant: optional(word) }),
  evidence: list(object({ fact: code, value, expected: optional(value) }), 300),
  fixes: list(object({ code, for: oneOf("user", "merchant", "issuer", "it") }), 50),
  leftOut: optional(codes),
});

const report = object({
  schema: oneOf(1),
  id: text(64), generatedAt: text(40), module: text(40), mode: oneOf("embed", "link"), case: optional(text(200)),
  verdict: oneOf("blocked", "degraded", "clear", "inconclusive"),
  findings: list(finding, 100),
  hidden: codes,
  notChecked: list(object({ code, reason: word }), 300),
  facts: record(object({ from: word, value: optional(value), unknown: optional(word), notApplicable: optional(word) }), 500),
  timing: record(number(), 100),
  challenge: optional(word),
  vpn: optional(object({ band: oneOf("possible", "likely"), signals: list(word, 20) })),
  supportCode: optional(text(40)),
});

const ANSWER = either(
  object({ kind: oneOf("progress"), progress: object({ check: word, done: number(0, 1000), total: number(0, 1000) }) }),
  object({ kind: oneOf("report"), report }),
  object({
    kind: oneOf("failure"),
    reason: oneOf("refused", "unreachable"),
    problem: oneOf("core", "network", "policy", "integrity", "version", "unsupported", "crash"),
  }),
);

/** Whether a message of the frame's port is one that it may send. */
export const isAnswer = (data: unknown): data is Answer => ANSWER(data) && fitsIn(LARGEST, data);

/** Whether an origin is one of the web; that of a sandboxed or local page is "null". */
export const isWebOrigin = (from: string) => /^https?:\/\//.test(from);
