// Which of the languages that there are words in somebody reads.

/** The first of the tags (BCP 47) that there are words in, whatever their region and script; English where there is none. */
function languageFor(wanted: readonly string[]): string {
  for (const tag of wanted) {
    const known = Object.keys(START).find((language) => base(language) === base(tag));
    if (known) return known;
  }
  return "en";
}

const base = (tag: string) => tag.toLowerCase().split("-")[0];

/** What the element speaks: what it is told, else what its reader's browser does, else its page. */
export const languageOf = (element: HTMLElement) =>
  languageFor([element.lang, ...navigator.languages, document.documentElement.lang]);
