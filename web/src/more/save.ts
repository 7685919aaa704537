// What is said of the ways out of the page that send nothing.
import { Actions } from "./field";
import type { MoreWords } from "./more-words";
import * as save from "../view/save";
import { fill } from "../view/words";

/** Saves the text as a file, and returns what is to be said of it. */
export function download(name: string, type: string, text: string, words: MoreWords["save"]): string {
  return save.download(name, type, text) ? fill(words.downloaded, { file: name }) : words.downloadFailed;
}

/** Buttons that copy and save what stands in the field. */
export function savingText(area: HTMLTextAreaElement, name: string, words: MoreWords["save"]): Actions {
  const actions = new Actions();
  actions.add(words.copy, () => copy(area, words));
  actions.add(words.download, () => download(name, "text/plain;charset=utf-8", area.value, words));
  return actions;
}

/** Where the page may not copy, the text is selected for the user to do it. */
async function copy(area: HTMLTextAreaElement, words: MoreWords["save"]): Promise<string> {
  if (await save.copy(area.value)) return words.copied;
  area.focus();
  area.select();
  return words.copyFailed;
}
