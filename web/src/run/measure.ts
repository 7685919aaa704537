// Measures the way to the diagnostic's own servers. Each measurement ends by
// itself within its limit or with the run, gives a result whatever happens, and
// leaves nothing open.
import { breathe } from "./breathe";
import { networkFromNow } from "./online";
import { randomID } from "../loader/random";
import type { Measure, RoundTrips, Socket, Transfer, Uploaded } from "../types";

/** How long nothing, or nothing more, of an answer may come before it counts as stalled, in milliseconds. */
const PATIENCE = 4000;
/** How many round trips are enough where one of them took longer than so many milliseconds. */
const ENOUGH_TRIPS = 3;
const LONG_TRIP = 150;
/** The size of the small request before a large one, in bytes: no packet of it is of full size, and a slow line takes its time for it. */
const SAMPLE = 1024;
/** How many round trips a large request takes on any line: only when its first packets are acknowledged do the others follow (RFC 6928). */
const LARGE_TRIPS = 2;
/** How many a WebSocket takes with what else the browser sends: for TCP, TLS, the upgrade and the message, one or two each. */
const SOCKET_TRIPS = 6;
/** How many times its limit a WebSocket may take at most where round trips are that long. */
const LONGEST = 3;
/** How long after the first address others are waited for, in milliseconds: gathering may go on for seconds without any more. */
const OTHERS = 200;
/** How often the line is looked at, in milliseconds between two looks, and at most how often. */
const BETWEEN_LOOKS = 300;
const MOST_LOOKS = 30;
/** The most addresses that the vantage is asked about at once. */
const MOST_ADDRESSES = 8;
/** The most bytes that crypto.getRandomValues gives at once. */
const MOST_RANDOM = 65_536;

/** How our requests are made: neither who asks nor what was asked before counts. */
const PLAIN: RequestInit = { cache: "no-store", credentials: "omit" };

/** What the module measures with, until the run ends. */
export function measuring(run: AbortSignal, network = networkFromNow()): Measure {
  const line = new Line();
  let least = 0;
  let timed = Promise.resolve();
  return {
    breathe,
    roundTrips(url, count, limit) {
      const trips = roundTrips(url, count, limit, run);
      timed = trips.then(({ times }) => {
        if (times.length) least = Math.min(...times);
      });
      return trips;
    },
    download: (url, bytes, limit) => new Download(bytes).measure(url, limit, run),
    upload: (url, bytes, limit) => new Upload(url, bytes, least).measure(limit, run),
    socket: (url, nonce, limit) => socket(url, nonce, limit, () => timed.then(() => least), run),
    candidates: (url, limit) => candidates(url, limit, run),
    ...network,
    watchLine: (url) => line.begin(url, run),
    lostOnLine: () => line.end(),
  };
}

/**
 * What `work` gives, or what `late` does where the limit, in milliseconds, or
 * the run's end comes first. Then `work` is told to stop, whatever came of it.
 */
function limited<T>(limit: number, run: AbortSignal, work: (stop: AbortSignal) => Promise<T>, late: () => T): Promise<T> {
  if (run.aborted) return Promise.resolve(late());
  const stop = new AbortController();
  let end = () => {};
  const ended = new Promise<T>((resolve) => (end = () => resolve(late())));
  const timer = setTimeout(end, limit);
  run.addEventListener("abort", end);
  return Promise.race([work(stop.signal), ended]).finally(() => {
    clearTimeout(timer);
    run.removeEventListener("abort", end);
    stop.abort();
  });
}

/** A small request, and when its answer was there; 0 where it failed. */
interface Trip {
  from: number;
  to: number;
}

/**
 * Asks again and again, one request after the other. None begins in the second
 * half of the time, so that one without an answer at the end had long enough.
 */
async function roundTrips(url: string, count: number, limit: number, run: AbortSignal): Promise<RoundTrips> {
  const trips: Trip[] = [];
  const half = performance.now() + limit / 2;
  const timings = new Timings(url);
  const ask = async (stop: AbortSignal) => {
    while (trips.length < count && !isEnough(trips) && performance.now() < half && !stop.aborted) {
      const trip = { from: performance.now(), to: 0 };
      trips.push(trip);
      if (await small(url, stop)) trip.to = performance.now();
    }
    await aTask();
  };
  await limited(limit, run, ask, () => {});
  const back = trips.filter(({ to }) => to);
  const times = back.map((trip) => timings.of(trip) ?? trip.to - trip.from);
  timings.stop();
  return { times, lost: trips.length - back.length };
}

/** Where round trips are long, a few tell as much. */
function isEnough(trips: Trip[]): boolean {
  return trips.length >= ENOUGH_TRIPS && trips.some(({ from, to }) => to - from > LONG_TRIP);
}

/** Asks for something small now and then, to see whether the line is there all the time. */
class Line {
  #stop = new AbortController();
  #answered = 0;
  #lost = 0;

  begin(url: string, run: AbortSignal): void {
    if (run.aborted) return;
    run.addEventListener("abort", () => this.#stop.abort(), { signal: this.#stop.signal });
    void this.#watch(url);
  }

  async #watch(url: string): Promise<void> {
    const { signal } = this.#stop;
    for (let asked = 0; asked < MOST_LOOKS && !signal.aborted; asked++) {
      const answer = await small(url, signal);
      if (answer) this.#answered++;
      else if (!signal.aborted) this.#lost++;
      await pause(BETWEEN_LOOKS, signal);
    }
  }

  /** Ends it, and tells how many requests failed where others were answered. */
  end(): number {
    this.#stop.abort();
    return this.#answered ? this.#lost : 0;
  }
}

/** Waits so many milliseconds, or until it is told to stop. */
function pause(ms: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((over) => {
    const end = () => {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
      over();
    };
    const timer = setTimeout(end, ms);
    stop.addEventListener("abort", end);
  });
}

/** Whether a small request was answered, be it with an error; the answer's body is there. */
async function small(url: string, stop: AbortSignal): Promise<Response | undefined> {
  try {
    const response = await fetch(url, { ...PLAIN, method: "POST", body: "{}", signal: stop });
    await response.text();
    return response;
  } catch {
    return undefined;
  }
}

/** A task of its own: what the browser has queued meanwhile comes before. */
const aTask = () => new Promise<void>((done) => setTimeout(done));

/**
 * What the browser itself timed of requests to one URL: neither the set-up of
 * the connection nor the page's other work counts. An observer sees it also
 * where the page's own list of timings is full.
 */
class Timings {
  #entries: PerformanceResourceTiming[] = [];
  #observer: PerformanceObserver | undefined;

  #url = "";

  constructor(url: string) {
    try {
      this.#url = new URL(url).href;
      this.#observer = new PerformanceObserver((list) => this.#note(list.getEntries()));
      this.#observer.observe({ type: "resource" });
    } catch {
      // not in this browser, or the page has put something else in its place: the page's clock does
    }
  }

  #note(entries: PerformanceEntryList): void {
    this.#entries.push(...entries.filter((entry): entry is PerformanceResourceTiming => entry.name === this.#url));
  }

  /** From the request to the first of its answer, in milliseconds; nothing where the server lets nobody know. */
  of({ from, to }: Trip): number | undefined {
    this.#note(this.#observer?.takeRecords() ?? []);
    const entry = this.#entries.find(({ startTime }) => startTime >= from && startTime <= to);
    return entry?.requestStart ? entry.responseStart - entry.requestStart : undefined;
  }

  stop(): void {
    this.#observer?.disconnect();
  }
}

/** A large answer as it comes in. */
class Download {
  #nonce = randomID();
  /** What came in the nonce's place. */
  #head = "";
  #got = 0;
  /** When the answer began, and when the last of it came. */
  #began = 0;
  #last = 0;

  constructor(private readonly bytes: number) {}

  async measure(url: string, limit: number, run: AbortSignal): Promise<Transfer> {
    const outcome = await limited(limit, run, (stop) => this.#receive(url, stop), () => this.#late());
    return { outcome, kbits: this.#rate() };
  }

  async #receive(url: string, stop: AbortSignal): Promise<Transfer["outcome"]> {
    try {
      const asked = fetch(this.#address(url), { ...PLAIN, signal: stop });
      const response = await limited<Response | null>(PATIENCE, stop, () => asked, () => null);
      if (response === null) return "stalled";
      if (!response.ok) return "failed";
      this.#began = this.#last = performance.now();
      return await this.#read(response, stop);
    } catch {
      return this.#began ? "cut" : "failed";
    }
  }

  #address(transfer: string): URL {
    const url = new URL(transfer);
    url.searchParams.set("bytes", `${this.bytes}`);
    url.searchParams.set("nonce", this.#nonce);
    return url;
  }

  async #read(response: Response, stop: AbortSignal): Promise<Transfer["outcome"]> {
    const reader = response.body?.getReader?.();
    if (!reader) {
      this.#take(new Uint8Array(await response.arrayBuffer()));
      return this.#end();
    }
    try {
      for (;;) {
        const part = await limited(PATIENCE, stop, () => reader.read(), () => undefined);
        if (!part) return "stalled";
        if (part.done) return this.#end();
        this.#take(part.value);
        if (!this.#ours()) return "failed";
      }
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  #take(part: Uint8Array): void {
    const missing = this.#nonce.length - this.#head.length;
    this.#head += String.fromCharCode(...part.subarray(0, missing));
    this.#got += part.length;
    this.#last = performance.now();
  }

  /** Whether it is our server that answers, as far as can be said by now. */
  #ours(): boolean {
    return this.#nonce.startsWith(this.#head);
  }

  #end(): Transfer["outcome"] {
    if (!this.#ours()) return "failed";
    return this.#got < this.bytes ? "cut" : "passed";
  }

  /** What is slow is not stalled. */
  #late(): Transfer["outcome"] {
    const comes = this.#got > 0 && performance.now() - this.#last < PATIENCE;
    if (comes) this.#last = performance.now();
    return comes ? "passed" : "stalled";
  }

  /** How fast it came once it had begun, in kbit/s. */
  #rate(): number {
    return this.#got && Math.ceil((this.#got * 8) / Math.max(1, this.#last - this.#began));
  }
}

/** Does what the page's own stand-in for a part of the browser may refuse. */
function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // there is nothing to close
  }
}

/**
 * A large request, with a small one before it. Where the large one has no answer,
 * the small one tells why: if it was so fast that the large one should have been
 * there long ago, that one is stuck. If not, the way up is slow, or long.
 */
class Upload {
  #timings: Timings;
  #sample: Trip = { from: 0, to: 0 };

  /** `least` is the least round trip that is known, in milliseconds, or 0. */
  constructor(
    private readonly url: string,
    private readonly bytes: number,
    private readonly least: number,
  ) {
    this.#timings = new Timings(url);
  }

  async measure(limit: number, run: AbortSignal): Promise<Uploaded> {
    const outcome = await limited(limit, run, (stop) => this.#send(stop), () => this.#late());
    this.#timings.stop();
    return outcome;
  }

  async #send(stop: AbortSignal): Promise<Uploaded> {
    this.#sample.from = performance.now();
    if (!(await isTaken(this.url, SAMPLE, stop))) return "failed";
    this.#sample.to = performance.now();
    return (await isTaken(this.url, this.bytes, stop)) ? "passed" : "failed";
  }

  /** Slow is also what had not twice the time that it seems to need. */
  #late(): Uploaded {
    const { from, to } = this.#sample;
    if (!to) return "slow";
    const took = this.#timings.of(this.#sample) ?? to - from;
    const needs = (Math.max(0, took - this.least) * this.bytes) / SAMPLE + LARGE_TRIPS * this.least;
    return performance.now() - to < 2 * needs ? "slow" : "stalled";
  }
}

/** Whether our server says that all of so many bytes arrived. */
async function isTaken(url: string, bytes: number, stop: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, { ...PLAIN, method: "POST", body: incompressible(bytes), signal: stop });
    const told = (await response.json()) as { bytes?: unknown };
    return told.bytes === bytes;
  } catch {
    return false;
  }
}

function incompressible(bytes: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(bytes);
  for (let from = 0; from < bytes; from += MOST_RANDOM) crypto.getRandomValues(all.subarray(from, from + MOST_RANDOM));
  return all;
}

/**
 * Whether a WebSocket sends back what it is sent. One that has not by its limit
 * has as long as the least round trip, once that is known, says that it needs.
 */
async function socket(url: string, nonce: string, limit: number, least: () => Promise<number>, run: AbortSignal): Promise<Socket> {
  if (run.aborted) return "timed-out";
  const until = performance.now() + LONGEST * limit;
  let connection: WebSocket | undefined;
  const echo = () =>
    new Promise<boolean>((done) => {
      const mine = (connection = new WebSocket(url.replace(/^http/, "ws")));
      mine.onopen = () => mine.send(nonce);
      mine.onmessage = ({ data }) => done(data === nonce);
      mine.onerror = mine.onclose = () => done(false);
    });
  try {
    const answer = echo();
    const within = (ms: number) => limited<boolean | undefined>(ms, run, () => answer, () => undefined);
    let same = await within(limit);
    const more = same === undefined ? SOCKET_TRIPS * (await least()) - limit : 0;
    if (more > 0) same = await within(Math.min(more, until - performance.now()));
    if (same === undefined) return performance.now() < until ? "timed-out" : "slow";
    return same ? "answered" : "failed";
  } catch {
    return "failed";
  } finally {
    quietly(() => connection?.close());
  }
}

/** The public addresses that WebRTC goes out by; null where there is no WebRTC. */
async function candidates(url: string, limit: number, run: AbortSignal): Promise<string[] | null> {
  const found = new Set<string>();
  let peer: RTCPeerConnection | undefined;
  const gather = () =>
    new Promise<void>((done, refuse) => {
      const mine = (peer = new RTCPeerConnection({ iceServers: [{ urls: url }] }));
      mine.onicecandidate = ({ candidate }) => {
        if (!candidate) done();
        else if (note(candidate.candidate, found)) setTimeout(done, OTHERS);
      };
      mine.createDataChannel("");
      mine.createOffer().then((offer) => mine.setLocalDescription(offer)).catch(refuse);
    });
  try {
    await limited(limit, run, gather, () => {});
    return [...found].slice(0, MOST_ADDRESSES);
  } catch {
    return null;
  } finally {
    quietly(() => peer?.close());
  }
}

/** Keeps the address of a server-reflexive candidate, written as RFC 8839, 5.1 has it, and tells whether it is one. */
function note(candidate: string, found: Set<string>): boolean {
  const fields = candidate.split(" ");
  const address = fields[4];
  if (!address || fields[7] !== "srflx") return false;
  found.add(address);
  return true;
}
