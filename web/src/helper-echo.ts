// The second page of the cross-site helper: it tells the page that framed it what
// the server got back and what script sees. Nothing of it is worth a secret, so
// any origin may read it.
import { attempt } from "./loader/attempt";

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

/** What of requestStorageAccess the browser's types do not have yet. */
interface AccessHandle {
  localStorage?: Storage;
}

/**
 * Whether this frame's localStorage is another than the one that the helper has
 * as a page. A browser that allows us our cookies hands that one out without
 * asking the user; from any other it cannot be had here.
 */
async function isDivided(allowed: boolean | undefined): Promise<boolean | undefined> {
  if (!allowed) return undefined;
  try {
    const request = document.requestStorageAccess as (types: object) => Promise<AccessHandle | undefined>;
    const own = (await request.call(document, { localStorage: true }))?.localStorage;
    if (!own) return undefined;
    const name = `cd_helper_${nonce}`;
    own.setItem(name, nonce);
    const divided = localStorage.getItem(name) !== nonce;
    own.removeItem(name);
    return divided;
  } catch {
    return undefined;
  }
}

const storageAccess = await hasStorageAccess();

parent.postMessage(
  {
    type: "checkout-doctor:helper",
    nonce,
    headerPlain: headerPlain === "true",
    headerPartitioned: headerPartitioned === "true",
    scriptPlain: sees("cd_plain"),
    scriptPartitioned: sees("cd_part"),
    storageAccess,
    storageAccessHeader,
    localStorage: writeLocalStorage(),
    storageDivided: await isDivided(storageAccess),
  },
  "*",
);
