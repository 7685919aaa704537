/** 16 random hexadecimal digits, as the schema wants them of a report's id; a page that is no secure context has no crypto.randomUUID. */
export const randomID = () => crypto.getRandomValues(new BigUint64Array(1))[0]!.toString(16).padStart(16, "0");
