// The messages with which the 3DS Method and the challenge come to their end.
import { has, settings } from "./settings.js";

/** Resolves when the 3DS Method of the transaction is done; rejects after its limit. */
export function methodEnd(threeDSServerTransID) {
  return message(
    { origin: settings.threeDsServer, type: "threeds.method", threeDSServerTransID },
    Number(settings.methodLimit),
  );
}

/** Resolves when the challenge of the transaction is over; rejects after its limit. */
export function challengeEnd(threeDSServerTransID) {
  const origin = has("message-wrong-origin") ? "https://tds2.gateway.test" : new URL(settings.notificationUrl).origin;
  const type = has("message-wrong-type") ? "3ds.done" : "threeds.challenge";
  return message({ origin, type, threeDSServerTransID }, Number(settings.challengeLimit));
}

/** Resolves at the wanted message; rejects after the limit in milliseconds. */
function message(wanted, limit) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const end = new AbortController();
  const timer = setTimeout(() => reject(new Error(`${wanted.type}: no message in time`)), limit);
  addEventListener("message", ({ origin, data }) => {
    if (origin !== wanted.origin || data?.type !== wanted.type) return;
    const { threeDSServerTransID } = data.cres ? decodeCRes(data.cres) : data;
    if (threeDSServerTransID === wanted.threeDSServerTransID) resolve();
  }, { signal: end.signal });
  return promise.finally(() => {
    clearTimeout(timer);
    end.abort();
  });
}

/** Reads base64url of JSON, padded or not; throws where it is malformed. */
function decodeCRes(cres) {
  if (cres.includes("=") && has("message-padded")) throw new Error("the CRes is no unpadded base64url");
  return JSON.parse(atob(cres.replaceAll("-", "+").replaceAll("_", "/")));
}
