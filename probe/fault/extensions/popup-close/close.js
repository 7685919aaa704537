{
  const open = window.open;
  window.open = function (...args) {
    const opened = open.apply(this, args);
    opened?.close();
    return opened;
  };
}
