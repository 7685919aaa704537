/** The folder that the scripts were loaded from, and all else of ours with them. */
export let assets = new URL(".", import.meta.url);

/** Says where that folder is, for a script that a bundler has moved. */
export function loadFrom(folder: string): void {
  assets = new URL(folder, document.baseURI);
}
