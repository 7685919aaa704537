// A page that opens a window of its own in each click on the diagnostic, before
// that hears of it, and so spends what the click allows.
const spend = () => window.open("about:blank", "", "popup,width=200,height=200")?.close();
document.addEventListener("click", ({ target }) => target.matches("checkout-doctor") && spend(), { capture: true });
