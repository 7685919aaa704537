import { attempt } from "./attempt";
import type { FrameNotes, Note, Recording } from "./types";

/** How many notes are kept. */
const LIMIT = 200;

/** A note as it is kept: a message remembers the frame that it came from. */
type Kept = Note & { source?: HTMLIFrameElement };
/** `Omit` that keeps the members of a union apart. */
type Unstamped<T> = T extends unknown ? Omit<T, "at"> : never;

/** What is noted of a page while at least one user of `record` is on. */
class Recorder {
  users = 0;
  #began = performance.now();
  #notes: Kept[] = [];
  #frames = new Map<HTMLIFrameElement, FrameNotes>();
  #off = new AbortController();
  #mutations = new MutationObserver((records) => this.#mutated(records));
  #reports?: ReportingObserver;

  constructor() {
    const listen = (target: EventTarget, type: string, listener: (event: never) => void) =>
      target.addEventListener(type, listener as EventListener, { capture: true, signal: this.#off.signal });
    listen(document, "securitypolicyviolation", (event: SecurityPolicyViolationEvent) =>
      this.#note({
        kind: "violation",
        directive: event.effectiveDirective,
        origin: originOf(event.blockedURI),
        disposition: event.disposition,
      }),
    );
    listen(document, "load", (event: Event) => this.#loaded(event.target));
    listen(window, "message", (event: MessageEvent) => this.#message(event));
    listen(window, "blur", () => this.#focus());
    listen(window, "focus", () => this.#focus());
    listen(window, "error", (event: Event) => this.#chunk(event.target));
    for (const frame of document.querySelectorAll("iframe")) this.#add(frame);
    this.#mutations.observe(document, { childList: true, subtree: true });
    this.#observeReports();
  }

  stop(): void {
    this.#off.abort();
    this.#mutations.disconnect();
    this.#reports?.disconnect();
  }

  /** What is known of the page and of the frame that `matches` picks, if it was seen. */
  recording(wanted: HTMLIFrameElement | string | null): Recording {
    this.#mutated(this.#mutations.takeRecords());
    this.#focus();
    const frame = this.#find(wanted);
    return {
      frame: frame?.isConnected ? frame : null,
      frameNotes: (frame && this.#frames.get(frame)) ?? null,
      notes: this.#notes.map(({ source, ...note }) =>
        note.kind === "message" ? { ...note, fromFrame: !!source && source === frame } : note,
      ),
      recording: true,
    };
  }

  /** The frame itself, or the newest that fits the selector, even if it is gone by now. */
  #find(wanted: HTMLIFrameElement | string | null): HTMLIFrameElement | null {
    if (typeof wanted !== "string") return wanted;
    const seen = [...this.#frames.keys()];
    return frameAt(wanted) ?? attempt(() => seen.findLast((frame) => frame.matches(wanted))) ?? null;
  }

  /** Keeps the note; where there are too many, the oldest of its kind goes. */
  #note(note: Unstamped<Kept>): void {
    if (this.#notes.length >= LIMIT) {
      const oldest = this.#notes.findIndex((kept) => kept.kind === note.kind);
      this.#notes.splice(Math.max(0, oldest), 1);
    }
    this.#notes.push({ at: Math.round(performance.now() - this.#began), ...note } as Kept);
  }

  #noteFrame(event: "added" | "load" | "removed", frame: HTMLIFrameElement): void {
    this.#note({ kind: "frame", event, name: /^[\w.-]{1,64}$/.exec(frame.name)?.[0] ?? "" });
  }

  #add(frame: HTMLIFrameElement): void {
    if (this.#frames.has(frame)) return;
    if (this.#frames.size >= LIMIT) this.#frames.delete(this.#frames.keys().next().value!);
    this.#frames.set(frame, { loads: 0, removed: false, messages: 0, completed: false, focused: false });
  }

  #mutated(records: MutationRecord[]): void {
    for (const record of records) {
      for (const frame of framesIn(record.removedNodes)) {
        const tally = this.#frames.get(frame);
        if (frame.isConnected || !tally) continue;
        tally.removed = true;
        this.#noteFrame("removed", frame);
      }
      for (const frame of framesIn(record.addedNodes)) {
        if (!frame.isConnected) continue;
        this.#add(frame);
        this.#frames.get(frame)!.removed = false;
        this.#noteFrame("added", frame);
      }
    }
  }

  /**
   * Counts the load of a frame, but not that of its initial about:blank. That
   * one is readable, or comes while the frame is put in, before the observer
   * could have told of it.
   */
  #loaded(target: EventTarget | null): void {
    if (!(target instanceof HTMLIFrameElement)) return;
    const tally = this.#frames.get(target);
    if (!tally || isBlank(target)) return;
    tally.loads++;
    this.#noteFrame("load", target);
  }

  #message(event: MessageEvent): void {
    if (`${event.data?.type}`.startsWith("checkout-doctor:")) return;
    const source = this.#sender(event.source as Window | null);
    const completion = isCompletion(event.data);
    const tally = source && this.#frames.get(source);
    if (tally) {
      tally.messages++;
      tally.completed ||= completion;
    }
    this.#note({ kind: "message", origin: originOf(event.origin), completion, fromFrame: false, source });
  }

  /** The page's own frame in which the window is, at whatever depth. */
  #sender(from: Window | null): HTMLIFrameElement | undefined {
    while (from?.parent && from.parent !== from && from.parent !== window) from = from.parent;
    return from ? [...this.#frames.keys()].find((frame) => frame.contentWindow === from) : undefined;
  }

  #focus(): void {
    const tally = this.#frames.get(document.activeElement as HTMLIFrameElement);
    if (tally) tally.focused = true;
  }

  #chunk(target: EventTarget | null): void {
    if (target instanceof HTMLScriptElement) this.#note({ kind: "chunk", origin: originOf(target.src) });
    if (target instanceof HTMLLinkElement) this.#note({ kind: "chunk", origin: originOf(target.href) });
  }

  #observeReports(): void {
    if (typeof ReportingObserver === "undefined") return;
    this.#reports = new ReportingObserver(
      (reports) => {
        for (const { type, body } of reports as { type: string; body: Record<string, string> | null }[]) {
          this.#note({
            kind: "report",
            type,
            directive: body?.effectiveDirective ?? body?.type ?? "",
            origin: originOf(body?.blockedURL ?? ""),
            destination: body?.destination ?? "",
          });
        }
      },
      { buffered: true },
    );
    this.#reports.observe();
  }
}

let recorder: Recorder | undefined;

/**
 * Notes from now on what would be gone when the user clicks: policy violations,
 * reports, loads of frames, origins of messages, scripts that failed. No
 * content and no values are kept. The function that it returns ends it.
 */
export function record(): () => void {
  const mine = (recorder ??= new Recorder());
  mine.users++;
  let on = true;
  return () => {
    if (!on) return;
    on = false;
    if (--mine.users > 0) return;
    mine.stop();
    recorder = undefined;
  };
}

/** What was recorded so far, with the challenge frame: an element or its selector. */
export function recording(wanted: HTMLIFrameElement | string | null): Recording {
  if (recorder) return recorder.recording(wanted);
  const frame = typeof wanted === "string" ? frameAt(wanted) : wanted;
  return { frame, frameNotes: null, notes: [], recording: false };
}

function frameAt(selector: string): HTMLIFrameElement | null {
  const found = attempt(() => document.querySelector(selector));
  return found instanceof HTMLIFrameElement ? found : null;
}

function* framesIn(nodes: NodeList): Generator<HTMLIFrameElement> {
  for (const node of nodes) {
    if (node instanceof HTMLIFrameElement) yield node;
    else if (node instanceof Element) yield* node.querySelectorAll("iframe");
  }
}

/** Another origin's location throws: then something was loaded, if only an error page. */
function isBlank(frame: HTMLIFrameElement): boolean {
  return attempt(() => frame.contentWindow?.location.href) === "about:blank";
}

/** The origin; empty for what is no URL, such as "inline" and "eval" of a violation. */
function originOf(url: string): string {
  return attempt(() => new URL(url).origin) ?? "";
}

/** Whether the message ends a challenge, by the keys that clients in the field use. */
function isCompletion(data: unknown): boolean {
  if (typeof data === "string") data = attempt(() => JSON.parse(data as string));
  if (!data || typeof data !== "object") return false;
  const keys = ["transStatus", "cres", "threeDSServerTransID", "challengeCompletionInd"];
  return keys.some((key) => key in data) || /challenge|3ds/i.test(`${(data as { type?: unknown }).type}`);
}
