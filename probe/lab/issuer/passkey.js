// Asks for a passkey where the shop's page does not hand the permission on, and
// stays there, as an issuer's page does. Where it has the permission the code
// is asked for all the same: it stands in for an authenticator, which nobody
// who tries this out need have.
const form = document.querySelector("form[data-challenge]");
const allowed = document.featurePolicy?.allowsFeature("publickey-credentials-get") ?? true;
if (!allowed) askForPasskey();

function askForPasskey() {
  const hint = document.querySelector("#hint");
  document.querySelector("label").hidden = true;
  document.querySelector("#code").hidden = true;
  hint.textContent = "Your bank asks for your passkey.";
  form.addEventListener("submit", async (event) => {
    if (event.submitter?.name === "cancel") return;
    event.preventDefault();
    try {
      await navigator.credentials.get({ publicKey: { challenge: crypto.getRandomValues(new Uint8Array(32)), userVerification: "required" } });
    } catch (error) {
      hint.textContent = `This browser cannot confirm with a passkey here (${error.name}).`;
    }
  });
}
