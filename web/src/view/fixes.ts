// How a fix is done: by hand in the user's browser, and by what the page can do
// of it by itself.
import { named } from "./fold";
import { make } from "./make";
import { DECLINED, type Scene } from "./scene";
import { wayFor } from "./steps";
import type { Finding } from "../types";
import { fill } from "./words";

/** The fix that is done by a link. */
const RESET = "reset-ads-manager-cache";

/** The codes of what the user can do, least disruptive first. */
export function fixesForUser({ fixes }: Finding): string[] {
  return fixes.filter((fix) => fix.for === "user").map(({ code }) => code);
}

export function fixTitle(code: string, { words }: Scene): string {
  return words.fixes[code]?.title ?? code;
}

/** Fixes to be unfolded one by one, in their order. `cause` is what they are for. */
export function foldedFixes(codes: string[], scene: Scene, cause?: string): HTMLElement {
  return make("ul", { className: "fixes" }, ...codes.map((code) => make("li", {}, ...foldedFix(code, scene, cause))));
}

/** What the page can do of it by itself is at hand without unfolding it. */
function foldedFix(code: string, scene: Scene, cause?: string): HTMLElement[] {
  const details = named(`${cause} ${code}`, make("details", {}, make("summary", {}, fixTitle(code, scene)), byHand(code, scene, cause)));
  return [details, byItself(code, scene, cause, () => (details.open = true))];
}

/** How a fix is done, for who sees nothing else of it. */
export function fixBody(code: string, scene: Scene, cause?: string): HTMLElement {
  return make("div", { className: "fix" }, byHand(code, scene, cause), byItself(code, scene, cause));
}

/** The steps, and what goes with them. */
function byHand(code: string, scene: Scene, cause?: string): HTMLElement {
  const { stage, words, next } = scene;
  const place = make("div", {}, steps(code, scene));
  place.part.add("step");
  if (code === RESET && !address(stage) && stage.host.getAttribute("mode") === "link") {
    place.append(make("p", { className: "note" }, words.ui.pasteAddress));
  }
  if (code === "ask-bank" && cause === DECLINED) {
    next.askBank(place, scene).catch(() => {}); // the steps say whom to ask
  }
  return place;
}

/** The general steps, until those of the user's own browser are there. */
function steps(code: string, { words, report }: Scene): HTMLElement {
  const place = make("div", { className: "steps" }, numbered(words.fixes[code]?.steps ?? []));
  if (report) {
    wayFor(code, report, words.language).then((way) => {
      if (!way) return;
      const help = make("a", { href: way.source, target: "_blank", rel: "noreferrer" }, words.ui.stepsHelp);
      place.replaceChildren(
        make("p", {}, fill(words.ui.stepsIn, { browser: way.browser })),
        way.steps ? numbered(way.steps) : make("p", {}, way.none),
        make("p", { className: "soft" }, help),
      );
    }, () => {}); // the general steps do
  }
  return place;
}

/** What the page can do of a fix; it comes as soon as that is known. `failed` is called where it did not work. */
function byItself(code: string, scene: Scene, cause: string | undefined, failed = () => {}): HTMLElement {
  const place = make("div", {});
  offer(code, scene, cause, failed).then(
    (offered) => offered && place.append(offered),
    () => {}, // no address, no module, or the browser does not let this page look: the steps say how by hand
  );
  return place;
}

/** The link is made here, in the browser, from the address that the page or the user gave. */
async function offer(code: string, scene: Scene, cause: string | undefined, failed: () => void): Promise<HTMLElement | undefined> {
  const { stage, words, extras } = scene;
  if (code === RESET) {
    const given = address(stage);
    return given ? (await extras()).offerLink(await stage.resetCacheURL(given), words.ui) : undefined;
  }
  return cause ? (await extras()).offerRepair(code, cause, scene, failed) : undefined;
}

const address = ({ host }: Scene["stage"]) => host.getAttribute("ads-manager-url");

function numbered(steps: string[]): HTMLElement {
  const items = steps.map((step) => make("li", {}, ...typed(step)));
  return items.length === 1 ? make("p", {}, ...typed(steps[0]!)) : make("ol", {}, ...items);
}

/** What is to be typed as it stands, also where the sentence around it runs the other way. */
const LITERAL = "&reset_cache=1";

/** The step with its literal text set apart. */
const typed = (step: string): (Node | string)[] =>
  step.split(LITERAL).flatMap((text, i) => (i ? [make("bdi", { dir: "ltr" }, LITERAL), text] : [text]));
