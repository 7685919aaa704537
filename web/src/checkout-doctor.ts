// The one script that a page embeds: loader, recorder and the element's shell.
// It must stay small; what can wait until the user shows intent is in core.ts.
import { CheckoutDoctor } from "./loader/element";

export { loadFrom } from "./loader/assets";
export { diagnose, resetCacheURL } from "./loader/diagnose";
export { record } from "./loader/recorder";
export { watch } from "./loader/watch";

if (!customElements.get("checkout-doctor")) customElements.define("checkout-doctor", CheckoutDoctor);
