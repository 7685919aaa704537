// The shapes that cross between the loader, the core and the module.

/** Why a fact or a cause could not be checked; worded in the locales. */
export type Reason = string;

/** A report as the module makes it; see the JSON Schema beside the Go types. */
export interface Report {
  schema: number;
  id: string;
  generatedAt: string;
  module: string;
  mode: string;
  case?: string;
  verdict: "blocked" | "degraded" | "clear" | "inconclusive";
  findings: Finding[];
  hidden: { code: string; because: string }[];
  notChecked: { code: string; reason: Reason }[];
  facts: Record<string, unknown>;
  timing: Record<string, number>;
}

export interface Finding {
  code: string;
  severity: "blocking" | "degrading" | "notice";
  confidence: "certain" | "likely" | "possible";
  params?: { oneOf?: string[] };
  evidence: Evidence[];
  fixes: Fix[];
  leftOut?: { code: string; because: string }[];
}

export interface Evidence {
  fact: string;
  value: unknown;
  expected?: unknown;
}

export interface Fix {
  code: string;
  for: "user" | "merchant" | "issuer" | "it";
}

/** What the host page knows of its 3-D Secure challenge. */
export interface ThreeDS {
  acsURL?: string;
  methodURL?: string;
  compInd?: "Y" | "N" | "U";
  frame?: HTMLIFrameElement;
  outcome?: { transStatus?: string; transStatusReason?: string; declineCode?: string };
}

/** What `diagnose` takes. */
export interface Options {
  only?: string[];
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  vantage?: string;
  helper?: string;
  adsManagerURL?: string;
  case?: string;
  threeDS?: ThreeDS;
  popup?: { result?: "window" | "null" | "closed"; activation?: boolean };
  page?: { buildId?: string; assets?: string[] };
}

export interface Progress {
  check: string;
  done: number;
  total: number;
}

/** What our own pop-up check saw. A field is missing where the browser cannot tell. */
export interface PopupCheck {
  result: "window" | "null" | "threw";
  activationBefore?: boolean;
  activationAfter?: boolean;
  native: boolean;
  hello: boolean;
  closedEarly: boolean;
}

/** What the recorder noted; origins, never more of a URL. `at` is in milliseconds since it began. */
export type Note = { at: number } & (
  | { kind: "violation"; directive: string; origin: string; disposition: string }
  | { kind: "report"; type: string; directive: string; origin: string; destination: string }
  | { kind: "frame"; event: "added" | "load" | "removed"; name: string }
  | { kind: "message"; origin: string; completion: boolean; fromFrame: boolean }
  | { kind: "chunk"; origin: string }
);

/** The recorder's tally of one frame. */
export interface FrameNotes {
  loads: number;
  removed: boolean;
  messages: number;
  completed: boolean;
  focused: boolean;
}

/** What the recorder hands over for a run. */
export interface Recording {
  frame: HTMLIFrameElement | null;
  frameNotes: FrameNotes | null;
  notes: Note[];
  recording: boolean;
}

/** What the loader hands to the core: all that had to be done before it was there. */
export interface Job {
  options: Options;
  mode: "embed" | "link";
  recording: Recording;
  popup: Promise<PopupCheck> | null;
  gesture: boolean;
}

/** Why there is no diagnosis; the problem is worded in the locales. */
export interface Failure {
  reason: "refused" | "unreachable";
  problem: "core" | "network" | "policy" | "integrity" | "version" | "unsupported" | "crash";
}
