// What the page's scripts do with the site's cookies.
import { settings } from "/assets/settings.js";

/** Notes in a cookie that the checkout has come to the payment, until the time that the server named. */
export function noteStep() {
  if (settings.stepExpires) document.cookie = `checkout_step=payment; path=/; samesite=lax; expires=${settings.stepExpires}`;
}

/** The headers by which a payment call shows that it is this page's. */
export const proof = settings.csrf ? { "X-CSRF": settings.csrf } : {};
