// The page in the window of the pop-up check: it says hello to whoever opened
// it. The nonce is all it tells, so any origin may read it. Where the opener
// cannot close it, cut off by a policy or gone by now, it closes itself.
const nonce = new URLSearchParams(location.search).get("nonce");
(opener as Window | null)?.postMessage({ type: "checkout-doctor:popup", nonce }, "*");
setTimeout(close, opener ? 3000 : 0);
