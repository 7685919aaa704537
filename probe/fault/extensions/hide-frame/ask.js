// A page begins: only the background can give it a style sheet of the user's.
chrome.runtime.sendMessage("hide");
