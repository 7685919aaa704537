/** Random letters and digits, also where the page is no secure context, in which crypto.randomUUID is missing. */
export function randomID(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("");
}
