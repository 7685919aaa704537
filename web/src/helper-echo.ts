// The second page of the cross-site helper: it tells the page that framed it what
// the server got back and what script sees. Nothing of it is worth a secret, so
// any origin may read it.
import { attempt } from "./attempt";

const { nonce = "", headerPlain, headerPartitioned, storageAccessHeader } = document.documentElement.dataset;

function sees(cookie: string): boolean {
  return attempt(() => document.cookie.split("; ").includes(`${cookie}=${nonce}`)) ?? false;
}

function writeLocalStorage(): "kept" | "lost" | "refused" {
  try {
    localStorage.setItem("cd_helper", nonce);
    const kept = localStorage.getItem("cd_helper") === nonce;
    localStorage.removeItem("cd_helper");
    return kept ? "kept" : "lost";
  } catch {
    return "refused";
  }
}

async function hasStorageAccess(): Promise<boolean | undefined> {
  try {
    return await document.hasStorageAccess();
  } catch {
    return undefined; // the browser has no such interface
  }
}

parent.postMessage(
  {
    type: "checkout-doctor:helper",
    nonce,
    headerPlain: headerPlain === "true",
    headerPartitioned: headerPartitioned === "true",
    scriptPlain: sees("cd_plain"),
    scriptPartitioned: sees("cd_part"),
    storageAccess: await hasStorageAccess(),
    storageAccessHeader,
    localStorage: writeLocalStorage(),
  },
  "*",
);
