// Such a frame goes as soon as another site's page is in it, or when it has been
// there for a while. At once would be too soon: where the frame is gone before
// the page posts into it, the post opens a window instead, and the payment goes
// on there.
const patience = 300; // milliseconds

document.addEventListener(
  "load",
  ({ target }) => {
    if (target.id !== "acs") return;
    const isBlank = target.contentDocument !== null;
    setTimeout(() => target.remove(), isBlank ? patience : 0);
  },
  true,
);
