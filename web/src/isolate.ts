// Loaded where the page keeps the module out: has the diagnosis made in a hidden
// frame of the diagnostic's own origin, whose policy lets the module run.
import { assets } from "./loader/assets";
import { attempt } from "./loader/attempt";
import { crossing, ERRAND, HELLO, isAnswer, type Errand } from "./run/errand";
import type { Handover, ModuleError } from "./run/module";
import { randomID } from "./loader/random";
import type { Failure, Report } from "./types";

/** How long the frame may take to be there, in milliseconds: as long as a slow line needs for its few files. */
const HELLO_LIMIT = 10_000;
/** How long its answer may take, in milliseconds: a run's own limit, and a module's download before it. */
const ANSWER_LIMIT = 40_000;
/** How many messages are taken, several times those of a run. */
const MOST_MESSAGES = 200;

type Fate = NonNullable<Failure["frame"]>;

/** The frame could not help either: what kept the module out of the page, and what became of the frame. */
class IsolationError extends Error implements Failure {
  override name = "IsolationError";
  readonly reason: Failure["reason"];
  readonly problem: Failure["problem"];
  constructor(
    { reason, problem }: Failure,
    readonly frame: Fate,
  ) {
    super(`the diagnostic runs neither in the page (${problem}) nor in a frame of its own (${frame})`);
    this.reason = reason;
    this.problem = problem;
  }
}

/** Diagnoses in a frame that is gone again afterwards. It rejects with an IsolationError, or when cancelled. */
export async function diagnose(handover: Handover, why: ModuleError): Promise<Report> {
  const isolated = new Isolated(handover.signal);
  try {
    const [popup] = await Promise.all([handover.popup, isolated.greeted()]);
    return await isolated.answered(errandOf(handover, popup, why, isolated.nonce), handover.onProgress);
  } catch (fate) {
    handover.signal.throwIfAborted();
    throw new IsolationError(why, fate as Fate);
  } finally {
    isolated.remove();
  }
}

function errandOf(
  { options, control, frame, frameNotes, end, left, notes, recording, gesture }: Handover,
  popup: Errand["popup"],
  { problem }: Failure,
  nonce: string,
): Errand {
  return {
    type: ERRAND,
    nonce,
    isolated: problem,
    ...(parent === window && { sandboxed: false }),
    options: crossing(options),
    control,
    frame: frame && { isConnected: true },
    frameNotes,
    end,
    left,
    notes,
    recording,
    popup,
    gesture,
  };
}

/** One transparent pixel, which is rendered: browsers slow frames down that are not. */
const UNSEEN = {
  position: "fixed", inset: "0 auto auto 0", width: "1px", height: "1px", border: "0", opacity: "0", "pointer-events": "none",
};

type Settle<T> = (resolve: (value: T) => void, reject: (fate: Fate) => void) => void;

/** The frame, from being put into the page until it is taken out. What it promises it rejects with a Fate, or when cancelled. */
class Isolated {
  readonly nonce = randomID();
  #frame = document.createElement("iframe");
  #over = new AbortController();

  constructor(run: AbortSignal) {
    const { signal } = this.#over;
    run.addEventListener("abort", () => this.#over.abort(), { signal });
    if (run.aborted) this.#over.abort();
  }

  /** Puts the frame in and waits for its word. */
  greeted(): Promise<void> {
    return this.#within<void>(HELLO_LIMIT, (resolve, reject) => {
      const { signal } = this.#over;
      const hello = ({ data, origin, source }: MessageEvent) => {
        if (source !== this.#frame.contentWindow || origin !== assets.origin) return;
        if (data?.type === HELLO && data.nonce === this.nonce) resolve();
      };
      const violated = ({ effectiveDirective, blockedURI, disposition }: SecurityPolicyViolationEvent) => {
        if (disposition !== "enforce" || !/^(frame|child)-src$/.test(effectiveDirective)) return;
        if (attempt(() => new URL(blockedURI).origin) === assets.origin) reject("refused");
      };
      addEventListener("message", hello, { signal });
      document.addEventListener("securitypolicyviolation", violated, { signal });
      this.#put();
    });
  }

  /** Sends the errand and waits for the report. A message of another shape than it may have ends the errand. */
  answered(errand: Errand, onProgress: Handover["onProgress"]): Promise<Report> {
    return this.#within<Report>(ANSWER_LIMIT, (resolve, reject) => {
      const { port1, port2 } = new MessageChannel();
      let taken = 0;
      port1.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (!isAnswer(data) || ++taken > MOST_MESSAGES || data.kind === "failure") reject("failed");
        else if (data.kind === "report") resolve(data.report);
        else onProgress(data.progress);
      };
      this.#over.signal.addEventListener("abort", () => port1.close());
      this.#frame.contentWindow!.postMessage(errand, assets.origin, [port2]);
    });
  }

  /** Ends everything; nothing of it stays in the page. */
  remove(): void {
    this.#over.abort();
    this.#frame.remove();
  }

  /**
   * Its scripts, its storage and its forms are its own; windows, dialogs and the
   * page's place it does not get. Frames within it, such as the helper's, have
   * what it has.
   */
  #put(): void {
    const frame = this.#frame;
    frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-forms");
    frame.ariaHidden = "true";
    frame.tabIndex = -1;
    frame.title = "Checkout Doctor";
    for (const [property, value] of Object.entries(UNSEEN)) frame.style.setProperty(property, value, "important");
    frame.src = `${new URL("frame.html", assets)}?nonce=${this.nonce}`;
    document.documentElement.append(frame);
  }

  #within<T>(limit: number, start: Settle<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    return new Promise<T>((resolve, reject) => {
      const { signal } = this.#over;
      if (signal.aborted) return reject();
      timer = setTimeout(reject, limit, "silent" satisfies Fate);
      signal.addEventListener("abort", () => reject());
      start(resolve, reject);
    }).finally(() => clearTimeout(timer));
  }
}
