// The payment page's logic: look the card up, let the issuer's 3DS Method run,
// ask for authentication, show the challenge, and ask our server for the result.
// A worker may serve it from another address than its own, so that what it
// imports is named from the root.
import { noteStep, proof } from "/assets/cookies.js";
import { chooseWindowSize, openFrame, premount } from "/assets/frame.js";
import { challengeEnd, methodEnd } from "/assets/listen.js";
import { loadParts } from "/assets/parts.js";
import { openPage } from "/assets/redirect.js";
import { has, settings } from "/assets/settings.js";
import { checkStorage } from "/assets/storage.js";
import { requireSignals } from "/assets/signals.js";
import { openWindow } from "/assets/window.js";

const build = "__BUILD__";
const api = "__API__";

const doctor = document.querySelector("checkout-doctor");
const button = document.querySelector("#pay");
const form = document.querySelector("#payment");

doctor.page = {
  buildId: build,
  assets: [new URL(settings.script, location.href).href],
  providerOrigins: settings.providerOrigins.split(" "),
  controlURL: settings.controlUrl,
  clearURL: "/repair/clear-site-data",
  ...(settings.headerLimit && { headerLimit: Number(settings.headerLimit) }),
  ...(settings.session && { session: settings.session }),
};
form.addEventListener("submit", (event) => {
  event.preventDefault();
  pay();
});
noteStep();
premount();
if (settings.outcome) tell({ outcome: outcomeOf(JSON.parse(settings.outcome)) });
show(settings.returned ?? "idle");

async function pay() {
  show("lookup");
  let place;
  try {
    // A window is opened before anything is awaited: later the click does not count.
    if (settings.challengeIn === "popup") place = openWindow();
    requireSignals();
    await Promise.all([loadParts(), checkStorage()]);
    const paid = await authenticate(document.querySelector("#card").value.replaceAll(" ", ""), place);
    show(paid ? "paid" : "failed");
  } catch (error) {
    console.info("The payment did not go through:", error.message);
    show("failed");
  } finally {
    place?.leave();
  }
}

function show(state) {
  settings.state = state;
  button.disabled = !["idle", "failed"].includes(state);
  document.querySelector("#done").hidden = state !== "paid";
  const error = document.querySelector("#error");
  error.hidden = state !== "failed";
  error.textContent = state === "failed" ? "Invalid payment method. Please use another payment method." : "";
}

/** Resolves to whether the payment was authenticated. */
async function authenticate(card, place) {
  const { describeBrowser } = await import(new URL(settings.provider, location.href));
  const started = await ask("start", { card });
  tell({ methodURL: started.threeDSMethodURL, transID: started.threeDSServerTransID });
  const threeDSCompInd = await runMethod(started);
  tell({ compInd: threeDSCompInd });
  if (threeDSCompInd === "N" && has("method-timeout-fatal")) throw new Error("method: no callback in time");

  show("authenticating");
  const windowSize = chooseWindowSize();
  tell({ windowSize, notificationURL: settings.notificationUrl });
  const answer = await ask("authenticate", { threeDSCompInd, windowSize, browser: describeBrowser() });
  tell({ acsURL: answer.acsURL, outcome: outcomeOf(answer) });
  if (answer.transStatus !== "C") return answer.paid;

  show("challenge");
  tell({ timeLimit: Number(settings.challengeLimit) });
  await runChallenge(answer, started.threeDSServerTransID, place ?? (await openPlace(windowSize)));
  const result = await ask("result", {});
  tell({ outcome: outcomeOf(result) });
  return result.paid;
}

/** Adds what was learnt to what the diagnostic may use. */
function tell(news) {
  doctor.threeDS = { ...doctor.threeDS, ...news };
}

/** The gateway's words, where it said any. */
function outcomeOf({ transStatus, transStatusReason, errorCode, declineCode }) {
  const said = Object.entries({ transStatus, transStatusReason, errorCode, declineCode }).filter(([, value]) => value);
  return Object.fromEntries(said);
}

async function ask(call, question) {
  const response = await fetch(`${api}/${call}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...proof },
    body: JSON.stringify({ page: settings.page, ...question }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${call}: ${response.status}: ${answer.error}`);
  return answer;
}

/** Resolves to threeDSCompInd: Y done, N no callback in time, U no method. */
async function runMethod({ threeDSMethodURL, threeDSMethodData, threeDSServerTransID }) {
  if (!threeDSMethodURL) return "U";
  const frame = document.createElement("iframe");
  frame.name = "threeds-method";
  frame.hidden = true;
  document.body.append(frame);
  const done = methodEnd(threeDSServerTransID);
  post(threeDSMethodURL, frame.name, { threeDSMethodData });
  const indicator = await done.then(() => "Y", () => "N");
  frame.remove();
  return indicator;
}

/**
 * A place for the challenge has the names of the windows that get the request,
 * each after the last was `loaded`; a promise `lost` that rejects when the
 * place is gone; and `leave`, with whether the challenge ended, to stop looking
 * after it.
 */
function openPlace(windowSize) {
  if (settings.challengeIn === "page") return openPage();
  return settings.challengeIn === "frame" ? openFrame(windowSize) : openWindow();
}

async function runChallenge(answer, threeDSServerTransID, place) {
  const end = challengeEnd(threeDSServerTransID);
  void sendRequest(answer, place);
  let ended = false;
  try {
    await Promise.race([end, place.lost]);
    ended = true;
  } catch (error) {
    // The issuer may have told our server what it found wrong.
    const problem = await ask("problem", {}).catch(() => ({}));
    tell({ outcome: { ...doctor.threeDS.outcome, ...outcomeOf(problem) } });
    throw error;
  } finally {
    place.leave(ended);
  }
}

async function sendRequest({ acsURL, creq, threeDSSessionData }, { names, loaded }) {
  const [first, ...more] = names;
  post(acsURL, first, { creq, threeDSSessionData });
  for (const name of more) {
    await loaded();
    post(acsURL, name, { creq, threeDSSessionData });
  }
}

function post(action, target, fields) {
  const carrier = document.createElement("form");
  Object.assign(carrier, { method: "post", action, target, hidden: true });
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    carrier.append(input);
  }
  document.body.append(carrier);
  carrier.submit();
  carrier.remove();
}
