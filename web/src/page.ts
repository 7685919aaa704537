// The page behind a link: the user pastes the address of their Ads Manager and
// gets it back with the parameter that clears its cache. Nothing is sent. It
// speaks the language that the element speaks.
import { resetCacheURL } from "./checkout-doctor.js";
import { words } from "./files";

const doctor = document.querySelector("checkout-doctor")!;
const section = document.querySelector<HTMLElement>(".reset")!;
const address = section.querySelector("input")!;
const problem = section.querySelector<HTMLElement>("#problem")!;
const link = section.querySelector<HTMLAnchorElement>("#reset")!;

async function offer(): Promise<void> {
  const text = address.value.trim();
  const url = await resetCacheURL(text).catch(() => null);
  if (address.value.trim() !== text) return; // typed on meanwhile
  const valid = url !== null;
  link.hidden = !valid;
  if (valid) link.href = url;
  doctor.toggleAttribute("ads-manager-url", valid);
  if (valid) doctor.setAttribute("ads-manager-url", text);
  const wrong = !valid && text !== "";
  problem.textContent = wrong ? problem.dataset.invalid! : "";
  address.ariaInvalid = `${wrong}`;
}

/** Says in another language all that the page says; a link to it leads to the same. */
async function speak(language: string): Promise<void> {
  const page = await words<Record<string, string>>(`locales/${language}.page.json`);
  for (const element of document.querySelectorAll<HTMLElement>("[data-word]")) {
    element.textContent = page[element.dataset.word!] ?? element.textContent;
  }
  document.title = page.title ?? document.title;
  problem.dataset.invalid = page.addressInvalid;
  if (problem.textContent) problem.textContent = problem.dataset.invalid ?? "";
  const { lang, dir } = doctor.shadowRoot!.querySelector<HTMLElement>("[part~=result]")!;
  Object.assign(document.documentElement, { lang, dir });
  const url = new URL(location.href);
  url.searchParams.set("lang", language);
  history.replaceState(history.state, "", url);
}

doctor.addEventListener("checkout-doctor:language", (event) => {
  speak((event as CustomEvent<string>).detail).catch(() => {}); // the element speaks it all the same
});
address.addEventListener("change", () => void offer());
address.addEventListener("input", () => void offer());
address.value = new URLSearchParams(location.search).get("ads-manager-url") ?? "";
section.hidden = false;
if (address.value) void offer();
