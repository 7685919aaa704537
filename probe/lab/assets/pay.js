// The payment page's logic: look the card up, let the issuer's 3DS Method run,
// ask for authentication, show the challenge, and ask our server for the result.
const build = "__BUILD__";
const api = "__API__";

const root = document.documentElement;
const settings = root.dataset;
const doctor = document.querySelector("checkout-doctor");
const button = document.querySelector("#pay");
const form = document.querySelector("#payment");
const challenge = document.querySelector("#challenge");

doctor.page = { buildId: build, assets: [new URL(settings.script, location.href).href] };
form.addEventListener("submit", (event) => {
  event.preventDefault();
  pay();
});
show("idle");

async function pay() {
  show("lookup");
  try {
    const paid = await authenticate(document.querySelector("#card").value.replaceAll(" ", ""));
    show(paid ? "paid" : "failed");
  } catch (error) {
    console.info("The payment did not go through:", error.message);
    show("failed");
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
async function authenticate(card) {
  const started = await ask("start", { card });
  tell({ methodURL: started.threeDSMethodURL });
  const threeDSCompInd = await runMethod(started);
  tell({ compInd: threeDSCompInd });

  show("authenticating");
  const windowSize = chooseWindowSize();
  const answer = await ask("authenticate", { threeDSCompInd, windowSize, browser: describeBrowser() });
  tell({ acsURL: answer.acsURL, outcome: outcomeOf(answer) });
  if (answer.transStatus !== "C") return answer.paid;

  show("challenge");
  await runChallenge(answer, started.threeDSServerTransID);
  const result = await ask("result", {});
  tell({ outcome: outcomeOf(result) });
  return result.paid;
}

/** Adds what was learnt to what the diagnostic may use. */
function tell(news) {
  doctor.threeDS = { ...doctor.threeDS, ...news };
}

function outcomeOf({ transStatus, transStatusReason }) {
  return { transStatus, ...(transStatusReason && { transStatusReason }) };
}

async function ask(call, question) {
  const response = await fetch(`${api}/${call}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
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
  const done = message("threeds.method", threeDSServerTransID, Number(settings.methodLimit));
  post(threeDSMethodURL, frame.name, { threeDSMethodData });
  const indicator = await done.then(() => "Y", () => "N");
  frame.remove();
  return indicator;
}

async function runChallenge(answer, threeDSServerTransID) {
  const place = settings.challengeIn === "popup" ? openWindow() : openFrame(answer);
  const done = message("threeds.challenge", threeDSServerTransID, Number(settings.challengeLimit));
  post(answer.acsURL, place.name, { creq: answer.creq, threeDSSessionData: answer.threeDSSessionData });
  try {
    await Promise.race([done, place.lost]);
  } finally {
    place.leave();
  }
}

/**
 * A place for the challenge has a name for the form's target, a promise `lost`
 * that rejects when the place is gone, and `leave` to stop looking after it.
 * The frame stays when the payment has failed: whoever asks why has to see it.
 */
function openFrame({ width, height }) {
  const frame = document.createElement("iframe");
  frame.id = frame.name = "acs";
  frame.title = "Confirmation by your bank";
  frame.allow = "payment *; publickey-credentials-get *";
  if (settings.frameSandbox) frame.setAttribute("sandbox", settings.frameSandbox);
  frame.width = width;
  frame.height = height;
  challenge.hidden = false;
  challenge.replaceChildren(frame);
  frame.scrollIntoView({ block: "nearest" });
  return { name: frame.name, lost: new Promise(() => {}), leave() {} };
}

function openWindow() {
  const name = "acs-window";
  const activation = navigator.userActivation?.isActive ?? false;
  const opened = window.open("about:blank", name, "popup,width=500,height=600");
  doctor.popup = { result: opened ? "window" : "null", activation };
  if (!opened) throw new Error("challenge: the window was not opened");
  const { promise: lost, reject } = Promise.withResolvers();
  let closedFor = 0;
  const watch = setInterval(() => {
    closedFor = opened.closed ? closedFor + 1 : 0;
    // The notification page closes the window too, just after its message.
    if (closedFor < 4) return;
    doctor.popup = { result: "closed", activation };
    reject(new Error("challenge: the window was closed"));
  }, 250);
  return { name, lost, leave: () => clearInterval(watch) };
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

/** Resolves with the 3DS Server's message of that type; rejects after the limit in milliseconds. */
function message(type, threeDSServerTransID, limit) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const end = new AbortController();
  const timer = setTimeout(() => reject(new Error(`${type}: no message in time`)), limit);
  addEventListener("message", ({ origin, data }) => {
    if (origin === settings.threeDsServer && data?.type === type && data.threeDSServerTransID === threeDSServerTransID) resolve(data);
  }, { signal: end.signal });
  return promise.finally(() => {
    clearTimeout(timer);
    end.abort();
  });
}

/** The code of the largest challenge window that fits; 05 is all of a window of its own. */
function chooseWindowSize() {
  if (settings.challengeIn === "popup") return "05";
  const room = form.clientWidth; // the frame will stand below the form
  return room >= 600 ? "04" : room >= 500 ? "03" : room >= 390 ? "02" : "01";
}

/** The browser's part of an AReq, in the forms that the specification allows. */
function describeBrowser() {
  const depth = [48, 32, 24, 16, 15, 8, 4, 1].find((allowed) => allowed <= screen.colorDepth);
  const language = navigator.language;
  return {
    browserLanguage: language.length > 8 ? language.split("-")[0] : language,
    browserJavascriptEnabled: true,
    browserJavaEnabled: false,
    browserColorDepth: String(depth),
    browserScreenHeight: String(screen.height),
    browserScreenWidth: String(screen.width),
    browserTZ: String(new Date().getTimezoneOffset()),
  };
}
