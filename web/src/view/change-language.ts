// What makes a change of the language smooth: the chooser stays where the hand
// is, and a language that cannot be had is called so.
import { make } from "./make";
import { supportWordsIn } from "../support/support-words";

/** What the user does next. The view may move from then on. */
const NEXT = ["pointerdown", "wheel", "touchstart", "keydown"];

/** What was said below a chooser. */
const said = new WeakMap<HTMLElement, HTMLElement>();

/** Says below the chooser, in the language that goes on being spoken, that the chosen one could not be had. */
export async function sayMissing(chooser: HTMLElement, language: string): Promise<void> {
  const { missingLanguage } = await supportWordsIn(language);
  takeBack(chooser);
  const note = make("p", { className: "soft", role: "alert" }, missingLanguage);
  said.set(chooser, note);
  chooser.after(note);
}

/** Prepares the view for another language, in which the body is about to be shown anew. */
export function turn(chooser: HTMLElement, body: HTMLElement): void {
  takeBack(chooser);
  stay(chooser, body);
}

function takeBack(chooser: HTMLElement): void {
  said.get(chooser)?.remove();
}

/**
 * Keeps the element where it is on the screen while what is above it changes its
 * height, at once and as its parts come. It ends with what the user does next,
 * or when something else is shown.
 */
function stay(element: HTMLElement, body: HTMLElement): void {
  const { top } = element.getBoundingClientRect();
  let shown: Element | null | undefined; // is known at the first correction
  const ended = new AbortController();
  const correct = () => {
    if (shown === undefined) shown = body.firstElementChild;
    if (!element.isConnected || body.firstElementChild !== shown) ended.abort();
    else moveTo(top, element);
  };
  const observer = new ResizeObserver(correct);
  for (const place of [body, document.documentElement]) observer.observe(place);
  ended.signal.onabort = () => observer.disconnect();
  for (const type of NEXT) addEventListener(type, () => ended.abort(), { signal: ended.signal, capture: true, passive: true });
}

/** Scrolls the element's top to where it was in the window, in pixels, as far as that goes. */
function moveTo(top: number, element: HTMLElement): void {
  for (let box: Element | null = element; box; box = parentOf(box)) {
    const by = element.getBoundingClientRect().top - top;
    if (Math.abs(by) < 1) return;
    if (scrolls(box)) box.scrollBy({ top: by, behavior: "instant" });
  }
}

/** The element around it on the screen, also where that is in another tree. */
function parentOf(element: Element): Element | null {
  const root = element.getRootNode();
  return element.assignedSlot ?? element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
}

/** Whether its user could scroll it: a script can also what nobody could scroll back. */
const scrolls = (box: Element): boolean => box === document.scrollingElement || /auto|scroll/.test(getComputedStyle(box).overflowY);
