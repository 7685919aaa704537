// A style sheet of the user's goes before what the page and its elements say
// themselves, as those of content blockers do.
chrome.runtime.onMessage.addListener((_, { tab, frameId }) => {
  void chrome.scripting.insertCSS({
    target: { tabId: tab.id, frameIds: [frameId] },
    css: "iframe#acs { display: none !important }",
    origin: "USER",
  });
});
