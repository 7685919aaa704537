// The repairs that the page can make by itself. Each undoes what it names and
// nothing else, and happens only in a click of the user's own.
import { make } from "./make";
import type { Scene } from "./scene";
import type { HostPage, Report } from "../types";
import type { Words } from "./words";

/** A repair that can be made here. */
interface Repair {
  name: "repair-file" | "remove-worker" | "clear-site-data";
  /** What came of it, once it is made. */
  made?: Said;
  /** Makes it, and tells what to say of what came of it; a rejection is a failure. */
  run: () => Promise<Said>;
}

/** The family of the causes that an emptied HTTP cache mends; no other kind of stored data is touched by it. */
const CACHE_FAMILY = "cache.";
/** Those of the family whose old files lie elsewhere than in the HTTP cache. */
const ELSEWHERE = ["cache.stale-worker", "cache.worker-waiting", "cache.stale-storage"];
/** The cause that is mended by fetching the page's own document too. */
const STALE_PAGE = "cache.stale-page";
/** How long a repair may take, in milliseconds: Chromium needs seconds to clear a large cache. */
const LIMIT = 30_000;

type Said = keyof Words["ui"];

/** What is said before each repair; one that removes something asks before it does. */
const SAID: Record<Repair["name"], { button: Said; asks?: { consent: Said; agree: Said } }> = {
  "repair-file": { button: "repairFile" },
  "remove-worker": { button: "removeWorker", asks: { consent: "removeWorkerConsent", agree: "removeWorkerAgree" } },
  "clear-site-data": { button: "clearData", asks: { consent: "clearDataConsent", agree: "clearDataAgree" } },
};

/** The repairs that were offered, by fix and cause: in another language, what came of one is still to be said. */
const offered = new WeakMap<Report, Map<string, Repair>>();

/** The repair that does a fix for a cause, to be made in a click; `failed` is called where the user must do it by hand. */
export async function offerRepair(fix: string, cause: string, { stage, words, report }: Scene, failed: () => void): Promise<HTMLElement | undefined> {
  const known = offeredWith(report);
  const key = `${fix} ${cause}`;
  const made = known.get(key);
  const repair = made?.made ? made : await repairFor(fix, cause, stage.host.page);
  if (!repair) return;
  known.set(key, repair);
  return new Offer(repair, words.ui, failed).element;
}

function offeredWith(report: Report | undefined): Map<string, Repair> {
  const known = (report && offered.get(report)) ?? new Map<string, Repair>();
  if (report) offered.set(report, known);
  return known;
}

/** The repair that does a fix for a cause, where it can be made on this page. */
async function repairFor(fix: string, cause: string, page: HostPage = {}): Promise<Repair | undefined> {
  switch (fix) {
    case "repair-file":
      return fileRepair(page, cause);
    case "remove-worker":
      return workerRepair();
    case "clear-cookies-and-cache":
      return cause.startsWith(CACHE_FAMILY) && !ELSEWHERE.includes(cause) ? cacheRepair(page) : undefined;
  }
}

/**
 * Fetches the page's files past the HTTP cache, which puts the new ones in the
 * place of the old. Not where a service worker answers: it may go on giving the
 * old ones.
 */
function fileRepair({ assets = [] }: HostPage, cause: string): Repair | undefined {
  const files = own([...assets, ...demandedByHash(), ...(cause === STALE_PAGE ? [location.href] : [])]);
  return files.length && !controlled() ? { name: "repair-file", run: () => fetchAllAnew(files) } : undefined;
}

async function fetchAllAnew(files: string[]): Promise<Said> {
  await Promise.all(files.map(fetchAnew));
  if (controlled()) throw new Error("a service worker has come in between");
  return "repairFileDone";
}

/** Whether a service worker answers this page's requests, in the place of the HTTP cache. */
const controlled = () => !!navigator.serviceWorker?.controller;

async function fetchAnew(url: string): Promise<void> {
  const response = await fetch(url, { cache: "reload", headers: isThisPage(url) ? { Accept: "text/html" } : undefined });
  if (!response.ok) throw new Error(`${response.status}`);
  await response.arrayBuffer(); // only a whole answer takes the old one's place
}

/** The files that the page demands by their hash: a cached one with another hash is refused for ever. */
function demandedByHash(): string[] {
  const elements = document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>("script[integrity], link[integrity]");
  return Array.from(elements, (element) => ("src" in element ? element.src : element.href)).filter(Boolean);
}

/**
 * Takes the service workers of this page away, and all of the origin's Cache
 * Storage: no store tells which worker filled it.
 */
async function workerRepair(): Promise<Repair | undefined> {
  const [workers, stores] = await Promise.all([registrations(), storeNames()]);
  return workers.length + stores.length ? { name: "remove-worker", run: removeWorker } : undefined;
}

/**
 * What unregister() says of itself is no proof: false is also said of what
 * another tab has taken away. A worker that stays keeps its files.
 */
async function removeWorker(): Promise<Said> {
  await Promise.all((await registrations()).map((registration) => registration.unregister()));
  if ((await registrations()).length) throw new Error("a service worker is still there");
  await Promise.all((await storeNames()).map((name) => caches.delete(name)));
  return "removeWorkerDone";
}

/** Every registration that this page is in the scope of: without the nearest the next would take over. */
async function registrations(): Promise<readonly ServiceWorkerRegistration[]> {
  const { serviceWorker } = navigator as Partial<Navigator>; // missing in insecure pages
  const all = (await serviceWorker?.getRegistrations()) ?? [];
  return all.filter(({ scope }) => location.href.startsWith(scope));
}

async function storeNames(): Promise<string[]> {
  return "caches" in globalThis ? caches.keys() : [];
}

/** Has the page's own server tell the browser to clear the site's cache. Browsers heed that on secure pages only. */
function cacheRepair({ clearURL, assets = [] }: HostPage): Repair | undefined {
  const [url] = isSecureContext && clearURL ? own([clearURL]) : [];
  if (url === undefined) return;
  return { name: "clear-site-data", run: () => clearCache(url, own([...assets, location.href])) };
}

/**
 * Browsers hide the header from scripts, and not all know it: what tells is that
 * a file is no longer there. Where none was seen before, nothing tells.
 */
async function clearCache(endpoint: string, files: string[]): Promise<Said> {
  const before = await cached(files);
  const url = new URL(endpoint);
  url.searchParams.set("data", "cache");
  const { ok, status } = await fetch(url, { method: "POST", redirect: "error" });
  if (!ok) throw new Error(`${status}`);
  if ((await cached(before)).length) throw new Error("nothing was cleared");
  return before.length && !controlled() ? "clearDataDone" : "clearDataAsked";
}

/** Those of the files that the HTTP cache has; none where a service worker answers in its place. */
async function cached(files: string[]): Promise<string[]> {
  if (controlled()) return [];
  const has = (url: string) => fetch(url, { cache: "only-if-cached", mode: "same-origin" }).then(({ ok }) => ok, () => false);
  const known = await Promise.all(files.map(has));
  return files.filter((_, i) => known[i]);
}

/** Those of the addresses that are of this page's origin, each once. */
function own(addresses: string[]): string[] {
  const list = new Set<string>();
  for (const address of addresses) {
    const url = absolute(address);
    if (url?.origin === location.origin) list.add(url.href);
  }
  return [...list];
}

/** The address without its fragment; none where the text is no address. */
function absolute(address: string): URL | undefined {
  try {
    const url = new URL(address, document.baseURI);
    url.hash = "";
    return url;
  } catch {
    return;
  }
}

const isThisPage = (url: string) => url === absolute(location.href)?.href;

/** A repair below its fix: its button, the question before it, and what came of it. */
class Offer {
  #actions = make("div", { className: "actions" });
  // There from the start, so that screen readers hear what comes into it.
  #outcome = make("p", { role: "status", tabIndex: -1, className: "outcome" });
  readonly element = make("div", { className: "repair" }, this.#actions, this.#outcome);
  #running = false;

  /** `failed` is called where the user must do it by hand. */
  constructor(
    private readonly repair: Repair,
    private readonly ui: Words["ui"],
    private readonly failed: () => void,
  ) {
    this.#invite();
    if (repair.made) this.#succeed(repair.made);
  }

  #invite(): HTMLButtonElement {
    const { name } = this.repair;
    const { button, asks } = SAID[name];
    const begin = this.#button(button, () => (asks ? this.#ask(asks) : void this.#run()));
    begin.dataset.repair = name;
    this.#actions.replaceChildren(begin);
    return begin;
  }

  /** Says what is removed and what is not, before anything is. */
  #ask(words: { consent: Said; agree: Said }): void {
    const question = make("p", { tabIndex: -1, className: "consent" }, this.ui[words.consent]);
    const agree = this.#button(words.agree, () => void this.#run());
    agree.dataset.consent = this.repair.name;
    const cancel = this.#button("repairCancel", () => this.#invite().focus());
    cancel.className = "quiet";
    this.#outcome.textContent = "";
    this.#actions.replaceChildren(question, agree, " ", cancel);
    question.focus();
  }

  /** A button that waits for what is running. */
  #button(label: Said, act: () => void): HTMLButtonElement {
    return action(this.ui[label], () => this.#running || act());
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (const button of this.#actions.querySelectorAll("button")) button.ariaDisabled = "true";
    this.#outcome.textContent = this.ui.repairRunning;
    try {
      this.repair.made = await withinLimit(this.repair.run());
      this.#succeed(this.repair.made);
    } catch {
      this.#say(this.ui.repairFailed);
      this.#invite();
      this.failed();
    }
    this.#running = false;
  }

  #succeed(said: Said): void {
    this.#say(this.ui[said]);
    this.#actions.remove();
    this.element.append(reloadButton(this.ui));
    this.element.dataset.repaired = this.repair.name;
  }

  /** The line takes the focus before its button goes, which would lose it. */
  #say(text: string): void {
    this.#outcome.textContent = text;
    this.#outcome.focus();
  }
}

/** The link that is a repair; `href` is made in the browser. It opens beside this page, which says how to go on. */
export function offerLink(href: string, ui: Words["ui"]): HTMLElement {
  const outcome = make("p", { role: "status", className: "outcome" });
  const link = make("a", { href, target: "_blank", rel: "noreferrer" }, ui.resetLink);
  const offer = make("div", { className: "repair" }, make("div", { className: "actions" }, link), outcome);
  link.dataset.repair = "reset-link";
  link.addEventListener("click", () => {
    outcome.textContent = ui.resetLinkOpened;
    offer.dataset.repaired = "reset-link";
  });
  return offer;
}

/**
 * A plain reload asks the server for the document again, and takes the files
 * from the cache, where the repair put the new ones.
 */
function reloadButton(ui: Words["ui"]): HTMLButtonElement {
  const button = action(ui.reload, () => location.reload());
  button.dataset.reload = "";
  return button;
}

function action(label: string, onclick: () => void): HTMLButtonElement {
  return make("button", { type: "button", onclick }, label);
}

async function withinLimit<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("took too long")), LIMIT);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
