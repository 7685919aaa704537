// Where the element could load nothing that shows a report, which it says of by its
// guide, what hands the report to support may come all the same: it is another file.
import sheet from "../view/view.css?text";
import type * as Support from "../support";
import { supportWordsIn } from "../support/support-words";
import { adoptSheet } from "../view/adopt";
import { chunk } from "../view/files";
import { make } from "../view/make";
import type { Report } from "../types";

/** Shows the way to support above the guide in the element, after a run whose report the element cannot show. */
export function rescue(doctor: HTMLElement): void {
  const place = make("div", { className: "rescue" });
  doctor.prepend(place);
  doctor.addEventListener("checkout-doctor:report", ({ detail }) => {
    place.replaceChildren();
    if (doctor.shadowRoot?.querySelector("slot")) void show(detail, doctor, place).catch(() => {}); // the guide is there
  });
}

async function show(report: Report, doctor: HTMLElement, place: HTMLElement): Promise<void> {
  const [{ handOver }, words] = await Promise.all([chunk<typeof Support>("support.js"), supportWordsIn(document.documentElement.lang)]);
  if (place.firstChild || !doctor.shadowRoot?.querySelector("slot")) return; // another run came to its end meanwhile
  const inner = make("div", {});
  const root = inner.attachShadow({ mode: "open" });
  adoptSheet(root, sheet);
  root.append(handOver(report, words, doctor, root));
  place.append(inner);
}
