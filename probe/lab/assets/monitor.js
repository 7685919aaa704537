// A monitoring script of the usual kind: it stands before everything else, and
// wraps what it counts. What it wraps behaves as before.
(() => {
  const seen = { dates: 0, requests: 0 };
  const request = (target, self, args) => {
    seen.requests += 1;
    return Reflect.apply(target, self, args);
  };
  window.Date = new Proxy(Date, {
    construct(target, args, made) {
      seen.dates += 1;
      return Reflect.construct(target, args, made);
    },
  });
  Date.prototype.constructor = Date;
  const { fetch } = window;
  window.fetch = function (...args) {
    return request(fetch, this, args);
  };
  const { open } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (...args) {
    return request(open, this, args);
  };
  window.monitoring = seen;
})();
