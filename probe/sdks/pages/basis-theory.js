// The payment with @basis-theory/web-threeds: createSession runs the 3DS
// Method, the shop's server authenticates, startChallenge shows the issuer.
import { BasisTheory3ds } from "@basis-theory/web-threeds";

import { ask, challenge, end, fault, onPay, provider, say, tell, windowSize } from "./shop.js";

const sdk = BasisTheory3ds(fault || "no-fault", {
  apiBaseUrl: provider,
  sdkBaseUrl: `${provider}/basis-theory`,
  disableTelemetry: true,
});

onPay(async (card) => {
  const session = await heard("createSession", sdk.createSession({ pan: card }));
  if (!session) return end({});
  const answer = await ask("/authenticate", { id: session.id });
  tell({
    transID: session.id,
    acsURL: answer.acsURL,
    compInd: answer.threeDSCompInd,
    outcome: { transStatus: answer.transStatus },
  });
  if (answer.transStatus !== "C") return end(answer);

  const done = await heard("startChallenge", sdk.startChallenge({
    sessionId: session.id,
    acsTransactionId: answer.acsTransID,
    acsChallengeUrl: answer.acsURL,
    threeDSVersion: answer.messageVersion,
    windowSize,
    containerId: challenge.id,
  }));
  end(done ? await ask("/result", { id: session.id }) : {});
});

/** Notes how a call of the SDK ended; resolves to undefined where it failed. */
async function heard(call, promise) {
  try {
    const answer = await promise;
    say(`${call}: ${answer.authenticationStatus ?? "done"}`);
    return answer;
  } catch (error) {
    say(`${call} failed: ${error.message ?? error}`);
  }
}
