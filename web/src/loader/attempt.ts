/** What `f` returns, or undefined where it throws: for questions that a page, a frame or an extension may refuse. */
export function attempt<T>(f: () => T): T | undefined {
  try {
    return f();
  } catch {
    return undefined;
  }
}
