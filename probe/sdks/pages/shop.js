// What the shop's pages have in common: the form, the words of the SDK with
// their times, and what the shop tells the diagnostic.
const root = document.documentElement;
const button = document.querySelector("#pay");
const doctor = document.querySelector("checkout-doctor");
/** What the shop gives a challenge, in milliseconds. */
const timeLimit = Number(root.dataset.timeLimit);
let began = 0;

/** The shop's settings: the provider's origin, and the faults of this page. */
export const { provider, fault } = root.dataset;
export const challenge = document.querySelector("#challenge");
/** The code of the challenge window: 390 x 400. */
export const windowSize = "02";

/** For who drives the page. */
const shop = (globalThis.shop = {
  said: [],
  reports: [],
  challengeShown: () => !!document.querySelector(doctor.getAttribute("challenge-frame")),
});

doctor.addEventListener("checkout-doctor:report", ({ detail }) => {
  shop.reports.push({ at: elapsed(), report: detail });
});

/** Makes the form pay. `pay` gets the card's number, and ends with `end`. */
export function onPay(pay) {
  document.querySelector("#payment").addEventListener("submit", async (event) => {
    event.preventDefault();
    began = performance.now();
    button.disabled = true;
    root.dataset.state = "paying";
    setTimeout(askWhatCounts, timeLimit);
    try {
      await pay(document.querySelector("#card").value);
    } catch (error) {
      say(`${error}`);
      end({});
    }
  });
  tell({ windowSize, timeLimit });
  root.dataset.state = "idle";
}

/** Notes what the SDK told the shop. */
export function say(what) {
  const at = elapsed();
  shop.said.push({ at, what });
  const line = document.createElement("li");
  line.textContent = `${(at / 1000).toFixed(1)} s: ${what}`;
  document.querySelector("#said").append(line);
}

/** Ends the payment with what the shop's server learnt of it. */
export function end(result) {
  tellOutcome(result);
  const paid = ["Y", "A", "I"].includes(result.transStatus);
  root.dataset.transStatus = result.transStatus ?? "";
  root.dataset.state = paid ? "paid" : "failed";
  document.querySelector("#outcome").textContent = paid ? "Payment received." : "Invalid payment method.";
  button.disabled = false;
}

/** Asks how the payment stands, for an SDK that is still silent. */
async function askWhatCounts() {
  const id = doctor.threeDS.transID;
  if (id && root.dataset.state === "paying") tellOutcome(await ask("/result", { id }));
}

/** Adds what was learnt to what the diagnostic may use. */
export function tell(news) {
  doctor.threeDS = { ...doctor.threeDS, ...news };
}

function tellOutcome({ transStatus, transStatusReason, errorCode, threeDSCompInd }) {
  tell({ outcome: { transStatus, transStatusReason, errorCode }, ...(threeDSCompInd && { compInd: threeDSCompInd }) });
}

/** Asks the shop's server. */
export async function ask(path, question) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(question),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

function elapsed() {
  return Math.round(performance.now() - began);
}

// A shop that hardens its page may sandbox every frame that a script makes:
// neither SDK can be asked for it.
if (root.dataset.frameSandbox) {
  for (const name of ["createElement", "createElementNS"]) {
    const make = document[name].bind(document);
    document[name] = (...args) => {
      const element = make(...args);
      if (element.localName === "iframe") element.setAttribute("sandbox", root.dataset.frameSandbox);
      return element;
    };
  }
}
