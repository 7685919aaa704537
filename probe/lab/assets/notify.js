// Tells the payment page, which framed this page or opened it as a window.
const { type, threeDsServerTransId, transStatus, target } = document.body.dataset;
const page = window.opener ?? (window.parent === window ? null : window.parent);
page?.postMessage({ type, threeDSServerTransID: threeDsServerTransId, ...(transStatus && { transStatus }) }, target);
if (window.opener) window.close();
