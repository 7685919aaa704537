import { Actions } from "./field";
import { make } from "../view/make";
import type { Context } from "./more-context";
import { openPrint } from "./refund-print";
import { download } from "./save";

/** The report as a file, and as a page to print with the request. */
export function proof(context: Context, request: () => string): HTMLElement[] {
  const { report, more: { refund, save } } = context;
  const actions = new Actions();
  const name = `checkout-doctor-${report.id}.json`;
  actions.add(refund.saveReport, () => download(name, "application/json", JSON.stringify(report, null, 2), save)).dataset.save = "report";
  actions.add(refund.print, () => (openPrint(context, request()) ? refund.printed : refund.printFailed)).dataset.save = "print";
  return [make("p", {}, refund.proof), actions.element];
}
