import { randomID } from "./random";
import type { Failure, Job, Report } from "../types";

/** The report of a run without the module: it says only that nothing was looked at, and why. */
export function inconclusive({ options, mode }: Job, { reason, problem, frame }: Failure): Report {
  const fact = (value: string) => ({ value, from: "loader" });
  return {
    schema: 1,
    id: randomID(),
    generatedAt: new Date().toISOString(),
    module: MODULE_VERSION,
    mode,
    ...(options.case && { case: options.case }),
    verdict: "inconclusive",
    findings: [],
    hidden: [],
    notChecked: [{ code: "*", reason }],
    facts: { "environment.module-problem": fact(problem), ...(frame && { "environment.isolated-frame": fact(frame) }) },
    timing: {},
  };
}
