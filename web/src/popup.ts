// The page in the window of the pop-up check: it says hello to whoever opened
// it. The nonce is all it tells, so any origin may read it.
const nonce = new URLSearchParams(location.search).get("nonce");
(opener as Window | null)?.postMessage({ type: "checkout-doctor:popup", nonce }, "*");
