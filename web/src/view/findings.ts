// What a finding says, and what the user can do about it.
import { fixBody, fixesForUser, fixTitle, foldedFixes } from "./fixes";
import { make } from "./make";
import { textOf, type Scene } from "./scene";
import type { Finding } from "../types";
import { fill } from "./words";

/** The causes that rest on the signals of a VPN. */
const SIGNALLED = ["vpn.likely", "vpn.suspected"];

/** What is to know of a finding, in sentences. */
export function account(finding: Finding, scene: Scene): HTMLElement[] {
  return [make("p", {}, textOf(finding, scene.words)), ...oneOf(finding, scene), ...signals(finding, scene)];
}

/** What cannot be told apart. */
function oneOf({ params }: Finding, { words }: Scene): HTMLElement[] {
  const codes = params?.oneOf ?? [];
  if (!codes.length) return [];
  const choice = codes.length > 1 ? [make("p", {}, words.ui.oneOf)] : [];
  return [...choice, listed(codes.map((code) => words.oneOf[code] ?? code))];
}

/** What speaks for a VPN, where that is what was found. */
function signals({ code }: Finding, { words, report }: Scene): HTMLElement[] {
  const found = (SIGNALLED.includes(code) && report?.vpn?.signals) || [];
  if (!found.length) return [];
  const list = listed(found.map((signal) => words.signals[signal]?.text ?? signal));
  list.className = "signals";
  return [make("p", {}, words.ui.signals), list];
}

/** The first cause's fixes: the first of them is the thing to do now. */
export function nowDo(finding: Finding, scene: Scene): HTMLElement[] {
  const { ui } = scene.words;
  const [first, ...others] = fixesForUser(finding);
  if (!first) return leftOut(finding, scene);
  return [
    make("h4", {}, fixTitle(first, scene)),
    fixBody(first, scene, finding.code),
    ...(others.length ? [make("h4", { className: "else" }, ui.ifNotHelped), foldedFixes(others, scene, finding.code)] : []),
    ...leftOut(finding, scene),
  ];
}

/** A cause beside the first, or what is worth knowing. */
export function furtherFinding(finding: Finding, scene: Scene): HTMLElement {
  const { causes, confidences } = scene.words;
  const fixes = fixesForUser(finding);
  const doubt = finding.confidence === "certain" ? [] : [" ", make("span", { className: "confidence" }, confidences[finding.confidence])];
  return make(
    "div",
    { className: `further ${finding.severity}` },
    make("h3", {}, causes[finding.code]?.title ?? finding.code, ...doubt),
    ...account(finding, scene),
    ...(fixes.length ? [foldedFixes(fixes, scene, finding.code)] : []),
    ...leftOut(finding, scene),
  );
}

/** The fixes that would make it worse here. */
function leftOut(finding: Finding, { words }: Scene): HTMLElement[] {
  return (finding.leftOut ?? []).map(({ code, because }) => {
    const text = fill(words.ui.leftOut, { fix: words.fixes[code]?.title ?? code, why: words.leftOut[because] ?? because });
    return make("p", { className: "soft" }, text);
  });
}

export function listed(items: string[]): HTMLElement {
  return make("ul", {}, ...items.map((item) => make("li", {}, item)));
}
