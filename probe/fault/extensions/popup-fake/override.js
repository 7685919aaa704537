window.open = (url = "about:blank", name = "") => ({
  name,
  closed: false,
  opener: window,
  location: { href: String(url), replace() {}, assign() {} },
  document: { readyState: "complete", write() {}, close() {} },
  close() {
    this.closed = true;
  },
  focus() {},
  blur() {},
  postMessage() {},
});
