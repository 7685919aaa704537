/** The folder that the scripts were loaded from, and all else of ours with them. */
export const assets = new URL(".", import.meta.url);
