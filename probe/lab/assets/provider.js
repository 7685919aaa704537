// The payment provider's script: what its 3DS Server wants to know of a browser.
// The page has a copy of its own, or takes it from the provider.

/** The browser's part of an AReq, in the forms that the specification allows. */
export function describeBrowser() {
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
