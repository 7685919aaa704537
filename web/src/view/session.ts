// What the element does once it is asked: it runs the diagnosis and shows it.
import { breathe } from "../run/breathe";
import { tell } from "../loader/events";
import { networkFromNow } from "../run/online";
import type { Failure, Job, Options, Report } from "../types";
import type { View } from "./view";

/** What runs a diagnosis. */
interface Runner {
  loadModule(): Promise<void>;
  diagnose(job: Job): Promise<Report>;
}

export class Session {
  constructor(
    private readonly view: View,
    private readonly runner: Runner,
  ) {}

  /** Starts the module before it is asked for. */
  prepare(): Promise<void> {
    return this.runner.loadModule();
  }

  /** Runs a diagnosis and shows what came of it; it rejects with the Failure that it showed, or when cancelled. */
  async run(job: Job): Promise<Report> {
    const { view, runner } = this;
    const network = networkFromNow();
    await breathe(); // the click has opened a window, which takes long enough
    view.begin();
    try {
      await runner.loadModule();
      if (job.options.host) job.options.host.dataset.state = "running";
      const report = await runner.diagnose({ ...completed(job, (now) => view.progress(now)), network });
      void view.show(report);
      return report;
    } catch (error) {
      if (job.options.signal?.aborted) {
        view.cancel();
        throw error;
      }
      const failure = failureOf(error);
      view.fail(failure);
      throw failure;
    }
  }

  /** Shows a report that nobody asked for. */
  comeForward(report: Report): Promise<void> {
    return this.view.comeForward(report);
  }
}

/** What is no failure of a file or of the module is a crash of ours. */
function failureOf(error: unknown): Failure {
  const known = error as Partial<Failure> | null;
  return known?.problem ? (error as Failure) : { reason: "refused", problem: "crash" };
}

/** The job with what the element's attributes say. */
export function completed(job: Job, progress?: Options["onProgress"]): Job {
  const { host, ...options } = job.options;
  if (!host) return job;
  const attribute = (name: string) => host.getAttribute(name) ?? undefined;
  const given: Options = {
    vantage: attribute("vantage"),
    helper: attribute("helper"),
    canary: attribute("canary"),
    adsManagerURL: attribute("ads-manager-url"),
    case: attribute("case"),
    onProgress: (now) => {
      progress?.(now);
      tell(host, "progress", now);
    },
    ...options,
  };
  return { ...job, options: given };
}
