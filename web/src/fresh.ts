// The script of a sandboxed frame of an opaque origin, which no service worker
// controls and which has no cache of the page's: what it fetches is what the
// server has now. It tells its parent the digest of each file that it could get.

const { nonce, files = "" } = (document.currentScript as HTMLScriptElement).dataset;

async function digest(url: string): Promise<[string, string][]> {
  try {
    const response = await fetch(url, { cache: "no-store", mode: "cors", credentials: "omit" });
    if (!response.ok) return [];
    const sum = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
    return [[url, Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, "0")).join("")]];
  } catch {
    return [];
  }
}

void Promise.all(files.split(" ").filter(Boolean).map(digest)).then((found) => {
  parent.postMessage({ type: "checkout-doctor:fresh", nonce, digests: Object.fromEntries(found.flat()) }, "*");
});
