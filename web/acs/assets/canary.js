// Tells the page that framed this one how far its canary came. There is no
// secret in it, so that any page may know.
const { step, transId, transStatus } = document.body.dataset;
window.parent.postMessage({ type: "checkout-doctor:canary", step, transID: transId, ...(transStatus && { transStatus }) }, "*");
