// The page behind a link: the user can hand the link on to another device, or
// pastes the address of their Ads Manager, which stays here, and gets it back with
// the parameter that clears its cache. The result is sent by the element alone. An
// address that the link names is there already: the server, which knows good
// links, wrote it; the query is not believed here. It speaks the language that the
// element speaks.
import { resetCacheURL } from "./checkout-doctor.js";
import { handOn } from "./page/hand-on";
import { rescue } from "./page/rescue";
import { words } from "./view/files";

const doctor = document.querySelector("checkout-doctor")!;
const addressChanged = handOn(document.querySelector<HTMLDetailsElement>(".hand-on")!);
const section = document.querySelector<HTMLElement>(".reset")!;
const address = section.querySelector("input")!;
const problem = section.querySelector<HTMLElement>("#problem")!;
const link = section.querySelector<HTMLAnchorElement>("#reset")!;
/** Missing where the browser is too old for the element, which then shows its guide. */
const result = doctor.shadowRoot?.querySelector<HTMLElement>("[part~=result]");
/** A signed link's query may not be changed: what is chosen goes into the fragment. */
const signed = new URLSearchParams(location.search).has("sig");

async function offer(): Promise<void> {
  const text = address.value.trim();
  let url: string | undefined;
  let wrong = false;
  try {
    url = await resetCacheURL(text);
  } catch (error) {
    wrong = text !== "" && error instanceof RangeError; // anything else says nothing of the address
  }
  if (address.value.trim() !== text) return; // typed on meanwhile
  const valid = url !== undefined;
  link.hidden = !valid;
  if (valid) link.href = url!;
  doctor.toggleAttribute("ads-manager-url", valid);
  if (valid) doctor.setAttribute("ads-manager-url", text);
  problem.textContent = wrong ? problem.dataset.invalid! : "";
  address.ariaInvalid = `${wrong}`;
}

/** Says in the element's language all that the page says; the page's address leads to the same. */
async function follow(result: HTMLElement): Promise<void> {
  const { lang: language, dir } = result;
  if (language === document.documentElement.lang) return;
  const page = await words<Record<string, string>>(`locales/${language}.page.json`);
  if (result.lang !== language) return; // another was chosen meanwhile
  for (const element of document.querySelectorAll<HTMLElement>("[data-word]")) {
    element.textContent = page[element.dataset.word!] ?? element.textContent;
  }
  for (const picture of document.querySelectorAll<HTMLImageElement>("[data-alt]")) {
    picture.alt = page[picture.dataset.alt!] ?? picture.alt;
  }
  document.title = page.title ?? document.title;
  problem.dataset.invalid = page.addressInvalid;
  if (problem.textContent) problem.textContent = problem.dataset.invalid ?? "";
  Object.assign(document.documentElement, { lang: language, dir });
  keep(language);
}

function keep(language: string): void {
  const url = new URL(location.href);
  if (signed) url.hash = `lang=${language}`;
  else url.searchParams.set("lang", language);
  history.replaceState(history.state, "", url);
  addressChanged();
}

const chosen = signed && new URLSearchParams(location.hash.slice(1)).get("lang");
if (chosen) doctor.lang = chosen;
if (doctor.dataset.checks) doctor.only = doctor.dataset.checks.split(" ");
if (result) {
  const speaker = new MutationObserver(() => void follow(result).catch(() => {})); // the element speaks it all the same
  speaker.observe(result, { attributeFilter: ["lang"] });
}
rescue(doctor);
address.addEventListener("change", () => void offer());
address.addEventListener("input", () => void offer());
section.hidden = false;
if (address.value) void offer();
