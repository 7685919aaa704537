// What the page keeps in the site's storage, where it does.
import { has } from "/assets/settings.js";

const name = "payment-state";
const value = "started";

/** The kinds of storage, each with a way to write and one to read. */
const kinds = {
  localStorage: webStorage(() => localStorage),
  sessionStorage: webStorage(() => sessionStorage),
  indexedDB: {
    write: () => inDatabase("readwrite", (store) => store.put(value, name)),
    read: () => inDatabase("readonly", (store) => store.get(name)),
  },
  caches: {
    write: async () => (await caches.open(name)).put(`/${name}`, new Response(value)),
    read: async () => (await (await caches.open(name)).match(`/${name}`))?.text(),
  },
};

/** Resolves when the page has stored what it needs; to the error where it could not. */
const prepared = prepare().catch((error) => error);

/** Resolves when everything is still there; rejects where the browser could not store it, or has lost it. */
export async function checkStorage() {
  const error = await prepared;
  if (error) throw error;
  if (has("storage-full")) localStorage.setItem(name, "x".repeat(1024));
  if (!has("storage-used")) return;
  for (const [kind, { read }] of Object.entries(kinds)) {
    if ((await read()) !== value) throw new Error(`${kind}: what was stored is not there`);
  }
}

async function prepare() {
  if (has("storage-full")) fill();
  if (!has("storage-used")) return;
  for (const { write } of Object.values(kinds)) await write();
  await keepSession();
}

/** Fills local storage to the brim, in ever smaller pieces. */
function fill() {
  for (let size = 2 ** 20, i = 0; size >= 1; i++) {
    try {
      localStorage.setItem(`history-${i}`, "x".repeat(size));
    } catch {
      size = Math.floor(size / 2);
    }
  }
}

/** Loads another page of the site in a hidden frame, as pages do that keep a session alive. */
async function keepSession() {
  const frame = document.createElement("iframe");
  Object.assign(frame, { src: "/assets/shell.html", hidden: true, title: "Session" });
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
  document.body.append(frame);
  await loaded;
}

function webStorage(area) {
  return { write: () => area().setItem(name, value), read: () => area().getItem(name) };
}

/**
 * Resolves to the result of a request in a database of the page's, which is open
 * no longer than that. What was written is only there when the transaction ends.
 */
async function inDatabase(mode, ask) {
  const opening = indexedDB.open(name);
  opening.onupgradeneeded = () => opening.result.createObjectStore(name);
  await ended(opening, "success");
  const database = opening.result;
  try {
    const transaction = database.transaction(name, mode);
    const request = ask(transaction.objectStore(name));
    await ended(transaction, "complete");
    return request.result;
  } finally {
    database.close();
  }
}

function ended(work, event) {
  return new Promise((resolve, reject) => {
    work.addEventListener(event, resolve);
    for (const failure of ["error", "abort"]) work.addEventListener(failure, () => reject(work.error ?? new Error(failure)));
  });
}
