if (window !== window.top) {
  const { set } = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
  Object.defineProperty(Document.prototype, "cookie", { configurable: true, enumerable: true, get: () => "", set });
}
