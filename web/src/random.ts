/** 16 random hexadecimal digits, as the schema wants them of a report's id; a page that is no secure context has no crypto.randomUUID. */
export function randomID(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (n) => n.toString(16).padStart(2, "0")).join("");
}
