// The one script that a page embeds: loader, recorder and the element's shell.
// It must stay small; what can wait until the user shows intent is in core.ts.
import { CheckoutDoctor } from "./element";

export { loadFrom } from "./assets";
export { diagnose, resetCacheURL } from "./diagnose";
export { record } from "./recorder";
export { watch } from "./watch";

if (!customElements.get("checkout-doctor")) customElements.define("checkout-doctor", CheckoutDoctor);
