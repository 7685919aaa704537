// Looks at a challenge again and again: quickly at each event and each second,
// and thoroughly where it does not go on.
import type { Job, Note, Options, Report, Stage, Told } from "../types";
import { fits } from "../loader/wanted";

/** Gives what is known of the challenge now, with these options in the place of the page's. */
export type Look = (options: Pick<Options, "only" | "signal" | "onProgress">) => Job;

/** How often is looked where nothing happens, in milliseconds. */
const EVERY = 1000;
/** How long a challenge may be where it should not stay, in milliseconds. */
const PATIENCE = 3000;
/** The least between two looks, in milliseconds: pages and their frames talk a lot. */
const PAUSE = 250;
/** How often one challenge is diagnosed at most: each time asks the issuer too. */
const MOST = 5;
/** Where a challenge may stay. */
const FINE: Stage[] = ["absent", "waiting", "completed"];
/** How long a page may take to act on a challenge's end before it is let be, in milliseconds. */
const SETTLED = 10_000;
/** The checks that are quick, and that ask nobody. */
const QUICK = ["frame", "environment"];

/** Watches one challenge until it is stopped. */
export class Watcher {
  #stage: Stage = "absent";
  #since = performance.now();
  /** Where the challenge is now was diagnosed. */
  #judged = false;
  /** The issuer's page was found to be there, which no quick look can see before the user does something. */
  #alive = false;
  /** How many challenge frames there have been. */
  #frames = 0;
  #troubles = new Set<string>();
  #told = new Set<string>();
  #looking = false;
  #again = false;
  #diagnosing = false;
  #off = new AbortController();
  #diagnoses = 0;
  #timer = setInterval(() => this.#isAtRest() || this.look(), EVERY);

  constructor(
    private readonly job: Look,
    private readonly diagnose: (job: Job) => Promise<Report>,
    private readonly told: Told,
  ) {
    this.look();
  }

  stop(): void {
    this.#off.abort();
    clearInterval(this.#timer);
  }

  /** Whether nothing can change without an event. */
  #isAtRest(): boolean {
    const settled = this.#stage === "completed" && performance.now() - this.#since > SETTLED;
    return this.#stage === "absent" || settled || document.hidden;
  }

  /** Looks now, or once more as soon as the look that is going on has ended. */
  look(): void {
    if (this.#off.signal.aborted) return;
    if (this.#looking) this.#again = true;
    else void this.#look();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    this.#again = false;
    const { report, job } = await this.#run(QUICK);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    this.#looking = false;
    if (this.#off.signal.aborted) return;
    if (report) this.#consider(report.challenge ?? "absent", job);
    else clearInterval(this.#timer); // the module cannot be had: only what happens next is worth a try
    if (this.#again) this.look();
  }

  async #run(only?: string[]): Promise<{ job: Job; report: Report | undefined }> {
    const job = this.job({ only, signal: this.#off.signal, onProgress: undefined });
    return { job, report: await this.diagnose(job).catch(() => undefined) };
  }

  #consider(stage: Stage, { seen, wanted }: Job): void {
    const frames = seen?.frames.filter(([frame]) => fits(frame, wanted)).length ?? 0;
    if (frames !== this.#frames || stage !== "loading") this.#alive = false;
    if (frames !== this.#frames) this.#diagnoses = 0;
    this.#frames = frames;
    this.#enter(this.#alive ? "waiting" : stage);
    if (!this.#diagnosing && this.#isDue(seen?.notes ?? [])) void this.#diagnose();
  }

  #enter(stage: Stage): void {
    if (stage === this.#stage) return;
    this.#stage = stage;
    this.#since = performance.now();
    this.#judged = false;
    this.#tell(() => this.told.onChange?.(stage));
  }

  /** Whether something was noted that was not diagnosed yet, or the challenge is stuck. */
  #isDue(notes: Note[]): boolean {
    if (this.#diagnoses >= MOST && this.#stage !== "timed-out") return false;
    const known = this.#troubles.size;
    for (const note of notes) if (isTrouble(note)) this.#troubles.add(nameOf(note));
    if (this.#troubles.size > known) return true;
    if (this.#judged || FINE.includes(this.#stage)) return false;
    return this.#stage === "timed-out" || performance.now() - this.#since >= PATIENCE;
  }

  async #diagnose(): Promise<void> {
    this.#diagnosing = this.#judged = true;
    this.#diagnoses++;
    const { report } = await this.#run();
    this.#diagnosing = false;
    if (!report || this.#off.signal.aborted) return;
    this.#alive = this.#stage === "loading" && report.challenge === "waiting";
    if (this.#alive) this.#enter("waiting");
    for (const finding of report.findings) {
      if (finding.severity !== "blocking" || this.#told.has(finding.code)) continue;
      this.#told.add(finding.code);
      this.#tell(() => this.told.onFinding?.(finding, report));
    }
  }

  /** What a listener throws is its page's affair, and no end of ours. */
  #tell(listener: () => void): void {
    queueMicrotask(listener);
  }
}

/** Whether the note is of something that went wrong. */
function isTrouble(note: Note): boolean {
  return note.kind === "chunk" || ((note.kind === "violation" || note.kind === "report") && note.disposition === "enforce");
}

/** What the note is about, without when: the same again is no news. */
function nameOf(note: Note): string {
  return [note.kind, "directive" in note && note.directive, "origin" in note && note.origin].join();
}
