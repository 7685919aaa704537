// Tells the payment page, which framed this page or opened it as a window.
const { type, threeDsServerTransId, transStatus, cres, target, twice } = document.body.dataset;
const page = window.opener ?? (window.parent === window ? null : window.parent);
const message = { type, threeDSServerTransID: threeDsServerTransId, ...(transStatus && { transStatus }), ...(cres && { cres }) };
page?.postMessage(message, target);
if (twice) page?.postMessage(message, target);
if (window.opener) window.close();
