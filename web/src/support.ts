// The way of the result to support: sent after its user has seen what is sent,
// or taken there by a code and a file. Nothing is sent before it is asked for.
import sheet from "./support/support.css?text";
import { Card } from "./support/card";
import { Handover } from "./support/handover";
import { inboxOf, type Host } from "./support/inbox";
import { byHand } from "./support/ways";
import type { SupportWords } from "./support/support-words";
import type { Report } from "./types";
import { adoptSheet } from "./view/adopt";

/**
 * Offers to send the report where the host names an address for that, and else
 * tells how to get it to support by hand. It goes on where it was with that report.
 */
export function handOver(report: Report, words: SupportWords, host: Host, root: ShadowRoot): HTMLElement {
  adoptSheet(root, sheet);
  const handover = Handover.of(report);
  const inbox = inboxOf(host, report);
  return inbox ? new Card(handover, words, inbox).element : byHand(handover, words);
}
