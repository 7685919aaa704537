// What its reader unfolded of a report, which is so again where the report is
// shown anew.
import type { Report } from "../types";

/** Whether each fold is open, by its name. */
type Folds = Map<string, boolean>;

const known = new WeakMap<Report, Folds>();
/** The folds of the report that a body shows. */
const shown = new WeakMap<HTMLElement, Folds>();

/** Has the folds of the report as its reader left them: those that are there, and those that come later. */
export function keepFolds(report: Report, body: HTMLElement): void {
  const folds = known.get(report) ?? new Map<string, boolean>();
  known.set(report, folds);
  if (!shown.has(body)) watch(body);
  shown.set(body, folds);
  restore(body, folds);
}

function watch(body: HTMLElement): void {
  const remember = ({ target }: Event) => {
    const { open, dataset } = target as HTMLDetailsElement;
    if (dataset.fold) shown.get(body)!.set(dataset.fold, open);
  };
  body.addEventListener("toggle", remember, true); // it does not bubble
  const restoreAdded = (changes: MutationRecord[]) => {
    for (const added of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
      if (added instanceof HTMLElement) restore(added, shown.get(body)!);
    }
  };
  new MutationObserver(restoreAdded).observe(body, { childList: true, subtree: true });
}

/** Nothing is done to a fold that was never touched. */
function restore(place: HTMLElement, folds: Folds): void {
  for (const fold of [place, ...place.querySelectorAll("details")]) {
    const open = folds.get(fold.dataset.fold ?? "");
    if (fold instanceof HTMLDetailsElement && open !== undefined) fold.open = open;
  }
}
