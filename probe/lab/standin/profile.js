// A stand-in for what anti-fraud services load into payment pages: it notes for
// the page that the service of its host has seen the device.
(globalThis.profiledBy ??= []).push(new URL(document.currentScript.src).hostname);
