// The first page of the cross-site helper: its answer set the cookies, the next
// request shows which of them come back.
const nonce = new URLSearchParams(location.search).get("nonce");
location.replace(`/helper/echo?nonce=${encodeURIComponent(nonce ?? "")}`);
