// Ways out of the page that send nothing: files and the clipboard.
import { make } from "./make";

/** How long the browser has to begin a download, in milliseconds. */
const LIMIT = 60_000;

/** Has the browser save the text as a file; whether it let the page. */
export function download(name: string, type: string, text: string): boolean {
  try {
    const url = URL.createObjectURL(new Blob([text], { type }));
    setTimeout(() => URL.revokeObjectURL(url), LIMIT);
    make("a", { href: url, download: name }).click();
    return true;
  } catch {
    return false;
  }
}

/** Copies the text; whether the browser let the page. One that is not secure, or has no permission, has no clipboard. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
