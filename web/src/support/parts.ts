// What a report has in it that its user can leave out.
import type { Report } from "../types";

/** A part that can be left out. */
export type Part = "browser" | "network" | "payment" | "timing";

/** All of them, in the order in which they are offered. */
const PARTS: Part[] = ["browser", "network", "payment", "timing"];

/** The families of facts that belong to each. */
const FAMILIES = JSON.parse(REPORT_PARTS) as Record<Part, string[]>;

/** The facts that a support code is made from, which every report is sent with. */
const KEPT = ["environment.browser", "environment.platform"];

/** The part that a fact belongs to. */
const partOf = (fact: string): Part | undefined =>
  KEPT.includes(fact) ? undefined : PARTS.find((part) => FAMILIES[part].includes(fact.split(".")[0]!));

/** The parts that the report has something of. */
export function partsIn(report: Report): Part[] {
  const there = new Set(Object.keys(report.facts).map(partOf));
  if (report.vpn) there.add("network");
  if (report.challenge) there.add("payment");
  if (Object.keys(report.timing).length) there.add("timing");
  return PARTS.filter((part) => there.has(part));
}

/** The report as it is sent without these parts, and with a word that they are left out. */
export function without(withheld: ReadonlySet<Part>, report: Report): Report {
  if (!withheld.size) return report;
  const stays = (fact: string) => !withheld.has(partOf(fact)!);
  const { vpn, challenge, ...always } = report;
  return {
    ...always,
    ...(vpn && !withheld.has("network") && { vpn }),
    ...(challenge && !withheld.has("payment") && { challenge }),
    findings: report.findings.map((finding) => ({ ...finding, evidence: finding.evidence.filter(({ fact }) => stays(fact)) })),
    facts: Object.fromEntries(Object.entries(report.facts).filter(([fact]) => stays(fact))),
    timing: withheld.has("timing") ? {} : report.timing,
    withheld: [...withheld].sort(),
  };
}
