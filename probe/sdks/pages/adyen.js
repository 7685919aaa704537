// The payment with @adyen/adyen-web: the shop's server answers a payment with
// an action, which the SDK carries out, and the actions after it.
import { AdyenCheckout, ThreeDS2Challenge, ThreeDS2DeviceFingerprint } from "@adyen/adyen-web";
import "@adyen/adyen-web/styles/adyen.css";

import { ask, challenge, end, fault, onPay, provider, say, tell, windowSize } from "./shop.js";

AdyenCheckout.register(ThreeDS2Challenge, ThreeDS2DeviceFingerprint);

onPay(async (card) => {
  const payment = await ask("/pay", { card, fault, browser: describeBrowser() });
  tell({ transID: payment.id });
  if (!payment.action) return end(payment);
  if (payment.action.subtype === "challenge") tellChallenge(JSON.parse(atob(payment.action.token)).acsURL);

  const checkout = await AdyenCheckout({
    clientKey: "test_LAB",
    environment: "test",
    locale: "en-US",
    countryCode: "SE",
    analytics: { enabled: false },
    risk: { enabled: false },
    _environmentUrls: {
      api: `${provider}/adyen/test/`,
      analytics: `${provider}/adyen/analytics/`,
      cdn: { images: `${provider}/adyen/`, translations: `${provider}/adyen/` },
    },
    onActionHandled: ({ actionDescription }) => say(`onActionHandled: ${actionDescription}`),
    onAdditionalDetails: async ({ data }, _element, actions) => {
      const { transStatus } = JSON.parse(atob(data.details.threeDSResult));
      say(`onAdditionalDetails: transStatus ${transStatus}`);
      const result = await ask("/result", { id: payment.id });
      actions.resolve({ resultCode: result.transStatus === "Y" ? "Authorised" : "Refused" });
      end(result);
    },
    onError: (error) => {
      say(`onError: ${error.name}: ${error.message}`);
      end({});
    },
  });
  checkout.createFromAction(payment.action, { challengeWindowSize: windowSize }).mount(challenge);
});

// The SDK keeps the action that follows a 3DS Method to itself. Its form shows
// where it goes.
new MutationObserver(() => {
  const form = document.forms.namedItem("cReqForm");
  if (form) tellChallenge(form.action);
}).observe(challenge, { childList: true, subtree: true });

function tellChallenge(acsURL) {
  tell({ acsURL, outcome: { transStatus: "C" } });
}

/** What the SDK's card component would put into the payment. */
function describeBrowser() {
  return {
    browserLanguage: navigator.language,
    browserJavascriptEnabled: true,
    browserJavaEnabled: false,
    browserColorDepth: `${screen.colorDepth}`,
    browserScreenHeight: `${screen.height}`,
    browserScreenWidth: `${screen.width}`,
    browserTZ: `${new Date().getTimezoneOffset()}`,
  };
}
