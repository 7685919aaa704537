// Ways out of the page that send nothing: the clipboard and files.
import { Actions } from "./field";
import { make } from "../view/make";
import type { MoreWords } from "./more-words";
import { fill } from "../view/words";

/** How long the browser has to begin a download, in milliseconds. */
const LIMIT = 60_000;

/** Saves the text as a file, and returns what is to be said of it. */
export function download(name: string, type: string, text: string, words: MoreWords["save"]): string {
  try {
    const url = URL.createObjectURL(new Blob([text], { type }));
    setTimeout(() => URL.revokeObjectURL(url), LIMIT);
    make("a", { href: url, download: name }).click();
    return fill(words.downloaded, { file: name });
  } catch {
    return words.downloadFailed;
  }
}

/** Buttons that copy and save what stands in the field. */
export function savingText(area: HTMLTextAreaElement, name: string, words: MoreWords["save"]): Actions {
  const actions = new Actions();
  actions.add(words.copy, () => copy(area, words));
  actions.add(words.download, () => download(name, "text/plain;charset=utf-8", area.value, words));
  return actions;
}

/** A page that is not secure, or has no permission, has no clipboard: then the text is selected for the user to copy. */
async function copy(area: HTMLTextAreaElement, words: MoreWords["save"]): Promise<string> {
  try {
    await navigator.clipboard.writeText(area.value);
    return words.copied;
  } catch {
    area.focus();
    area.select();
    return words.copyFailed;
  }
}
