// The page behind a link: the user pastes the address of their Ads Manager and
// gets it back with the parameter that clears its cache. Nothing is sent.
import { resetCacheURL } from "./checkout-doctor.js";

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

address.addEventListener("change", () => void offer());
address.addEventListener("input", () => void offer());
address.value = new URLSearchParams(location.search).get("ads-manager-url") ?? "";
section.hidden = false;
if (address.value) void offer();
