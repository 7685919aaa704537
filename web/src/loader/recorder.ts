import { assets } from "./assets";
import { attempt } from "./attempt";
import { endingOf } from "./ending";
import { fits } from "./wanted";
import type { Ended, Kept, Seen, Tally, Wanted } from "../types";

/** How many notes, frames and endings are kept, of each. */
const LIMIT = 200;
/** The mark in the tab's storage that the page was left from within the challenge frame. */
const LEFT = "checkout-doctor-left";

/** Somebody who has the page recorded. */
interface User {
  /** The challenge frame, as far as it is known by now. */
  wanted?: () => Wanted;
  /** Is told that something was noted. */
  heard?: () => void;
}

/** `Omit` that keeps the members of a union apart. */
type Unstamped<T> = T extends unknown ? Omit<T, "at"> : never;

interface ReportBody {
  toJSON(): Record<string, string | undefined>;
}

/** What is noted of a page while it has at least one user. */
class Recorder {
  users = new Set<User>();
  #began = performance.now();
  #notes: Kept[] = [];
  #frames = new Map<HTMLIFrameElement, Tally>();
  #endings: Ended[] = [];
  #focused?: HTMLIFrameElement; // or another element, which no challenge frame is
  #left = false;
  #off = new AbortController();
  #mutations = new MutationObserver((records) => this.#mutated(records));
  #reports?: ReportingObserver;

  constructor() {
    const listen = (target: EventTarget, type: string, listener: (event: never) => void) =>
      target.addEventListener(type, listener as EventListener, { capture: true, signal: this.#off.signal });
    listen(document, "securitypolicyviolation", (event: SecurityPolicyViolationEvent) => this.#violated(event));
    listen(document, "load", (event: Event) => this.#loaded(event.target));
    listen(window, "message", (event: MessageEvent) => this.#message(event));
    // Firefox names the frame that took the focus only some time after the event.
    for (const type of ["blur", "focus"]) listen(window, type, () => (this.#focus(), setTimeout(() => this.#focus(), 99)));
    listen(window, "error", (event: Event) => this.#chunk(event.target));
    listen(window, "pagehide", () => this.#leave());
    listen(window, "pageshow", (event: PageTransitionEvent) => event.persisted && this.#return(true));
    for (const frame of document.querySelectorAll("iframe")) this.#add(frame);
    this.#mutations.observe(document, { childList: true, subtree: true });
    this.#observeReports();
    this.#return((performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined)?.type === "back_forward");
  }

  stop(): void {
    this.#off.abort();
    this.#mutations.disconnect();
    this.#reports?.disconnect();
  }

  /** All that was noted up to now. */
  seen(): Seen {
    this.#mutated(this.#mutations.takeRecords());
    this.#focus();
    return {
      notes: [...this.#notes],
      frames: [...this.#frames].map(([frame, tally]) => [frame, { ...tally }]),
      endings: this.#endings,
      left: this.#left,
    };
  }

  /** Keeps the note; where there are too many, the oldest of its kind goes. */
  #note(note: Unstamped<Kept>): void {
    if (this.#notes.length >= LIMIT) {
      const oldest = this.#notes.findIndex((kept) => kept.kind === note.kind);
      this.#notes.splice(Math.max(0, oldest), 1);
    }
    this.#notes.push({ at: performance.now() - this.#began, ...note } as Kept);
    for (const user of this.users) user.heard?.();
  }

  #noteFrame(event: "added" | "load" | "removed", source: HTMLIFrameElement): void {
    this.#note({ kind: "frame", event, source });
  }

  #add(frame: HTMLIFrameElement, now = performance.now()): void {
    const tally = this.#frames.get(frame);
    if (tally && tally.gone > now) return;
    if (this.#frames.size >= LIMIT) this.#frames.delete(this.#frames.keys().next().value!);
    this.#frames.set(frame, { loads: 0, messages: 0, focused: false, nullOrigin: false, ...tally, added: now, gone: Infinity });
  }

  #mutated(records: MutationRecord[]): void {
    const now = performance.now(); // one for all: who takes another's place is not there beside it
    for (const record of records) {
      for (const frame of framesIn(record.removedNodes)) {
        const tally = this.#frames.get(frame);
        if (frame.isConnected || !tally) continue;
        tally.gone = now;
        this.#noteFrame("removed", frame);
      }
      for (const frame of framesIn(record.addedNodes)) {
        if (!frame.isConnected) continue;
        this.#add(frame, now);
        this.#noteFrame("added", frame);
      }
    }
  }

  /** What our own scripts did is nobody's fault. */
  #violated({ sourceFile, effectiveDirective: directive, originalPolicy, blockedURI, disposition }: SecurityPolicyViolationEvent): void {
    if (sourceFile.startsWith(assets.href)) return;
    this.#note({ kind: "violation", directive, origin: originOf(blockedURI), disposition, policy: originalPolicy });
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
    tally.opened ??= performance.now();
    this.#noteFrame("load", target);
  }

  #message({ data, origin, source: from }: MessageEvent): void {
    if (data?.type?.startsWith?.("checkout-doctor:")) return;
    const source = this.#sender(from as Window | null);
    const tally = source && this.#frames.get(source);
    if (tally) {
      tally.messages++;
      tally.nullOrigin ||= origin === "null";
    }
    const ending = endingOf(data);
    // A window that is closed by now has no name any more.
    if (ending && !(from && [window, parent, opener].includes(from))) {
      this.#endings = [...this.#endings.slice(-LIMIT), { ...ending, at: performance.now(), source, loads: tally?.loads }];
    }
    this.#note({ kind: "message", origin: originOf(origin), completion: !!ending, source });
  }

  /** The page's own frame in which the window is, at whatever depth. */
  #sender(from: Window | null): HTMLIFrameElement | undefined {
    while (from?.parent && from.parent !== from && from.parent !== window) from = from.parent;
    return from ? [...this.#frames.keys()].find((frame) => frame.contentWindow === from) : undefined;
  }

  /** A page that is being left has no focus any more: then the last one counts. */
  #focus(): void {
    const { activeElement, body } = document;
    const tally = this.#frames.get(activeElement as HTMLIFrameElement);
    if (tally) tally.focused = true;
    if (activeElement !== body) this.#focused = activeElement as HTMLIFrameElement;
  }

  /** Marks that the page is left while the user is in the challenge. */
  #leave(): void {
    this.#focus();
    const frame = this.#focused;
    if (!frame?.isConnected || this.#endings.some(({ source }) => source === frame)) return;
    for (const { wanted } of this.users) {
      if (fits(frame, wanted?.())) attempt(() => sessionStorage.setItem(LEFT, "1"));
    }
  }

  /** Reads and removes the mark; it counts where the user came back. */
  #return(back: boolean): void {
    if (!attempt(() => sessionStorage.getItem(LEFT))) return;
    sessionStorage.removeItem(LEFT);
    this.#left = back;
  }

  #chunk(target: EventTarget | null): void {
    const url = target instanceof HTMLScriptElement ? target.src : target instanceof HTMLLinkElement && target.href;
    if (url) this.#note({ kind: "chunk", origin: originOf(url) });
  }

  #observeReports(): void {
    if (typeof ReportingObserver === "undefined") return;
    this.#reports = new ReportingObserver(
      (reports) => {
        for (const { type, body } of reports as { type: string; body: ReportBody | null }[]) {
          // Some bodies have nothing but this method.
          const { effectiveDirective, destination, type: why, blockedURL, disposition } = body?.toJSON() ?? {};
          this.#note({
            kind: "report",
            type,
            directive: effectiveDirective ?? destination ?? why ?? "",
            origin: originOf(blockedURL),
            disposition: disposition ?? "enforce",
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
export function record(user: User = {}): () => void {
  const mine = (recorder ??= new Recorder());
  mine.users.add(user);
  return () => {
    if (!mine.users.delete(user) || mine.users.size) return;
    mine.stop();
    recorder = undefined;
  };
}

/** What was recorded so far; null where nobody asked for it. */
export const seen = (): Seen | null => recorder?.seen() ?? null;

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
function originOf(url: string | undefined): string {
  return attempt(() => new URL(url!).origin) ?? "";
}
