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
  /** Where the challenge is; missing where there is none. */
  challenge?: Stage;
  /** What speaks for a VPN; missing where nothing does. */
  vpn?: { band: "possible" | "likely"; signals: Signal[] };
  /** What the user can read out to support; missing where the module did not make the report. */
  supportCode?: string;
  /** The parts that the user left out before it was sent, sorted; missing where nothing was. */
  withheld?: string[];
}

/** Something that speaks for a VPN; worded in the locales. */
export type Signal =
  | "zone" | "language" | "vpn-network" | "hosting-network" | "webrtc-address" | "segment-size" | "round-trip";

/** Where a challenge is, as the module judges it. */
export type Stage =
  | "absent" | "loading" | "waiting" | "blocked" | "hidden" | "too-small" | "covered" | "removed" | "timed-out"
  | "completed" | "ignored";

export interface Finding {
  code: string;
  severity: "blocking" | "degrading" | "notice";
  confidence: "certain" | "likely" | "possible";
  params?: { oneOf?: string[]; variant?: string };
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
  notificationURL?: string;
  /** threeDSServerTransID: what the challenge's end is compared with. It is never reported. */
  transID?: string;
  /** challengeWindowSize. */
  windowSize?: "01" | "02" | "03" | "04" | "05";
  /** How long the page waits for the challenge, in milliseconds; ten minutes unless told. */
  timeLimit?: number;
  frame?: HTMLIFrameElement;
  outcome?: {
    transStatus?: string;
    transStatusReason?: string;
    /** errorCode of an Erro that the 3DS Server got. */
    errorCode?: string;
    declineCode?: string;
  };
}

/** What `diagnose` takes. */
export interface Options {
  only?: string[];
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  vantage?: string;
  helper?: string;
  canary?: string;
  adsManagerURL?: string;
  case?: string;
  threeDS?: ThreeDS;
  popup?: HostPopup;
  page?: HostPage;
}

/** What the host page knows of its own 3-D Secure window. */
export interface HostPopup {
  /** What `open` gave it; closed: a window that was gone again before the challenge began. */
  result?: "window" | "null" | "closed";
  /** navigator.userActivation.isActive just before. */
  activation?: boolean;
  /** Another window was opened in the same gesture before. */
  second?: boolean;
}

/** What the host page knows of itself and of its server. */
export interface HostPage {
  /** The build that this page runs. */
  buildId?: string;
  /** Its files, which are compared with what its server has now. */
  assets?: string[];
  /** Origins of the payment provider's scripts. */
  providerOrigins?: string[];
  /** How many bytes of cookies its server takes. */
  headerLimit?: number;
  /**
   * An address of the page's own origin, which may be relative to the page. It
   * is asked by GET, has no effect and is not to be stored. It answers 200 and
   * {"buildId": "…"}, the build that the server has now, to who has a session,
   * 401 or 403 to who has none, and 400, 413 or 431 to too many cookies.
   */
  controlURL?: string;
  /** Whether the session's cookie came with the request for this page. */
  session?: "present" | "missing";
  /** An address of the page's own origin that answers POST with Clear-Site-Data. */
  clearURL?: string;
}

/** Whom a watched challenge is told to. */
export interface Told {
  /** Is told each blocking finding once, with the report that it is from. */
  onFinding?: (finding: Finding, report: Report) => void;
  /** Is told where the challenge is, whenever that changes. */
  onChange?: (stage: Stage) => void;
}

/** Options, and the element whose attributes hold the others. */
export interface Given extends Options {
  host?: HTMLElement;
}

/** What `watch` takes. It is read anew at each look, so that it may be filled in as the page learns it. */
export interface WatchOptions extends Told, Omit<Options, "only" | "signal" | "onProgress"> {}

export interface Progress {
  check: string;
  done: number;
  total: number;
}

/** What our own pop-up check saw. A field is missing where the browser cannot tell. */
export interface PopupCheck extends OpenedPopup {
  native: boolean;
}

/** The part of it that cannot wait. */
export interface OpenedPopup {
  result: "window" | "null" | "threw";
  activationBefore?: boolean;
  activationAfter?: boolean;
  hello: boolean;
  closedEarly: boolean;
}

/** What the recorder noted; origins, never more of a URL. `at` is in milliseconds since it began. */
export type Note = { at: number } & (
  /** `listed`: the directive names the origin that it refused. */
  | { kind: "violation"; directive: string; origin: string; disposition: string; listed?: boolean }
  /** `directive`: that of a policy or, by type "coep", what was to be loaded. */
  | { kind: "report"; type: string; directive: string; origin: string; disposition: string }
  | { kind: "frame"; event: "added" | "load" | "removed"; fromFrame?: boolean }
  | { kind: "message"; origin: string; completion: boolean; fromFrame?: boolean }
  | { kind: "chunk"; origin: string }
);

/** The recorder's tally of the challenge frame. Times are in milliseconds. */
export interface FrameNotes {
  loads: number;
  messages: number;
  focused: boolean;
  /** A message came from it with the opaque origin. */
  nullOrigin: boolean;
  /** How long it has been in the page, or was. */
  lived: number;
  /** How long it has had a document, or had one. */
  opened?: number;
  /** The most challenge frames that were in the page at once. */
  most: number;
}

/** The first message by which the challenge ended. */
export interface ChallengeEnd {
  /** How long ago it came, in milliseconds. */
  age: number;
  /** How the CRes in it is encoded. */
  cres: "none" | "unpadded" | "padded" | "malformed";
  /** Whether it names the transaction that the host page handed in. */
  transaction: "same" | "other" | "absent";
}

/** The challenge frame: an element, or the selector of one. */
export type Wanted = HTMLIFrameElement | string | null | undefined;

/** A note as it is kept: that of a frame or of a message remembers the frame, that of a violation the policy's text. */
export type Kept = Note & { source?: HTMLIFrameElement; policy?: string };

/** What is tallied of one frame. Times are of the page's clock. */
export interface Tally extends Pick<FrameNotes, "loads" | "messages" | "focused" | "nullOrigin"> {
  /** When it came into the page. */
  added: number;
  /** When it was taken out. */
  gone: number;
  /** When its first document was there. */
  opened?: number;
}

/** What a message says of a challenge's end. */
export interface Ending {
  /** It carries what only the end of a challenge has, and is not merely called so. */
  sure: boolean;
  cres: ChallengeEnd["cres"];
  /** The transaction that it names. */
  id: unknown;
}

/** The end of a challenge, and the frame that told of it, with its loads until then; none for a window. */
export type Ended = Ending & { at: number; source?: HTMLIFrameElement; loads?: number };

/** All that the recorder has noted up to one moment. */
export interface Seen {
  notes: Kept[];
  frames: [HTMLIFrameElement, Tally][];
  endings: Ended[];
  left: boolean;
}

/** What is known of the challenge and of the page, as the module gets it. */
export interface Recording {
  frame: HTMLIFrameElement | null;
  /** The challenge frame where it was taken out of the page. */
  goneFrame: HTMLIFrameElement | null;
  frameNotes: FrameNotes | null;
  end: ChallengeEnd | null;
  /** The page was left from within the challenge frame, and the user came back. */
  left: boolean;
  notes: Note[];
  recording: boolean;
}

/** What the loader hands to the core: all that had to be done before it was there. */
export interface Job {
  options: Given;
  mode: "embed" | "link" | "watch";
  /** The challenge frame, as far as the page named it. */
  wanted: Wanted;
  /** What was recorded; null where nobody asked for it. */
  seen: Seen | null;
  popup: Promise<OpenedPopup> | null;
  gesture: boolean;
  /** Where it is missing, the run begins when the module is there. */
  network?: Network;
}

/** Why there is no diagnosis; the problem is worded in the locales. */
export interface Failure {
  reason: "refused" | "unreachable";
  problem: "core" | "network" | "policy" | "integrity" | "version" | "unsupported" | "crash";
  /** What became of the isolated frame, where that was tried. */
  frame?: "refused" | "silent" | "failed";
}

/** What the browser says of its network. */
export interface Network {
  /** navigator.onLine when the run began. */
  online: boolean;
  /** How often the browser said that it went offline since the run began. */
  offlineEvents(): number;
}

/** What the module measures with. Every promise settles within its limit, in milliseconds, and none rejects. */
export interface Measure extends Network {
  /** Lets the page have its turn, and resolves at once after it. */
  breathe(): Promise<void>;
  /** Sends up to `count` small requests to the vantage, one after the other; fewer where they take long. */
  roundTrips(vantage: string, count: number, limit: number): Promise<RoundTrips>;
  download(transfer: string, bytes: number, limit: number): Promise<Transfer>;
  upload(transfer: string, bytes: number, limit: number): Promise<Uploaded>;
  /** `url` may be that of a page: https is taken for wss. Where round trips are long it may take three times its limit. */
  socket(url: string, nonce: string, limit: number): Promise<Socket>;
  /** The server-reflexive addresses of WebRTC, at most eight; null where the browser has none or refuses it. */
  candidates(stun: string, limit: number): Promise<string[] | null>;
  /** From now on asks the vantage for something small now and then. */
  watchLine(vantage: string): void;
  /** Ends that, and tells how many of these requests failed where others were answered. */
  lostOnLine(): number;
}

export interface RoundTrips {
  /** How long each answered request took, in milliseconds. */
  times: number[];
  /** How many failed, or had no answer in half of the time. */
  lost: number;
}

/**
 * stalled: a small request passed, fast enough for the large one to have been
 * answered long before the limit. slow: it was not so fast. failed: there was no
 * answer of our server's.
 */
export type Uploaded = "passed" | "stalled" | "slow" | "failed";

/**
 * timed-out: it did not come, although it had as many round trips as it needs.
 * slow: there was no time for so many. failed: it was refused, or not our server's.
 */
export type Socket = "answered" | "failed" | "timed-out" | "slow";

export interface Transfer {
  /**
   * passed: all came, or it still comes. stalled: nothing came for a while, or
   * at all. cut: it ended early. failed: there was no answer of our server's.
   */
  outcome: "passed" | "stalled" | "cut" | "failed";
  /** How fast it came, in kbit/s; 0 where nothing did. */
  kbits: number;
}
