/** Tells the host page of something by an event on the element. */
export function tell(element: HTMLElement, name: "progress" | "report" | "error" | "language", detail: unknown): void {
  element.dispatchEvent(new CustomEvent(`checkout-doctor:${name}`, { detail, bubbles: true, composed: true }));
}
