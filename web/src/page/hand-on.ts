// Hands the page's link on to another device: the payment often fails on another
// than that on which a message of support is read. Nothing is sent but by the user.

/** No hover and no wide screen: who reads this on a phone mostly pays on a computer. */
const PHONE = "(hover: none) and (max-width: 60rem)";

/**
 * The address that another device is to open: the page's own. Of its fragment it
 * has the language alone, if one was chosen.
 */
function handedOn(address: string): string {
  const url = new URL(address);
  const language = new URLSearchParams(url.hash.slice(1)).get("lang");
  url.hash = language ? `lang=${encodeURIComponent(language)}` : "";
  return url.href;
}

/** Where the server draws the address as a QR code, the fragment left out. */
const codeURL = ({ protocol, search }: Location): string => `/link/${protocol.slice(0, -1)}.svg${search}`;

/** Makes the part work. What it returns is to be called when the page's address has changed. */
export function handOn(part: HTMLDetailsElement): () => void {
  const phone = matchMedia(PHONE).matches;
  part.querySelector<HTMLElement>("[data-word=handOnComputer]")!.hidden = !phone;
  part.querySelector<HTMLElement>("[data-word=handOnPhone]")!.hidden = phone;
  part.open = phone;
  const copying = new Copying(part);
  part.querySelector("#copy")!.addEventListener("click", () => void copying.copy());
  offerShare(part, copying);
  const renew = showCode(part.querySelector("figure")!, part.dataset.host!);
  part.hidden = false;
  return () => {
    copying.forget();
    renew();
  };
}

function offerShare(part: HTMLElement, copying: Copying): void {
  const button = part.querySelector<HTMLElement>("#share")!;
  button.hidden = !("share" in navigator);
  button.addEventListener("click", () => {
    navigator.share({ title: document.title, url: handedOn(location.href) }).catch((error: DOMException) => {
      if (error.name !== "AbortError") return copying.copy();
    });
  });
}

/**
 * Shows the code, which the browser loads when it comes into view. Where it cannot
 * be had there is none, nor where a proxy gives the server another name than the
 * page has: that code would lead nowhere.
 */
function showCode(figure: HTMLElement, host: string): () => void {
  const picture = figure.querySelector("img")!;
  const renew = (): void => {
    figure.hidden = host !== location.host;
    if (!figure.hidden) picture.src = codeURL(location);
  };
  picture.addEventListener("error", () => (figure.hidden = true));
  renew();
  return renew;
}

/** Copies the link, or has the user copy it by hand. */
class Copying {
  readonly #copied: HTMLElement;
  readonly #failed: HTMLElement;
  readonly #byHand: HTMLElement;
  readonly #field: HTMLInputElement;

  constructor(part: HTMLElement) {
    this.#copied = part.querySelector("[data-word=handOnCopied]")!;
    this.#failed = part.querySelector("[data-word=handOnCopyFailed]")!;
    this.#byHand = part.querySelector("#by-hand")!;
    this.#field = part.querySelector("input")!;
  }

  async copy(): Promise<void> {
    const link = handedOn(location.href);
    try {
      await navigator.clipboard.writeText(link);
      this.#say(true);
    } catch {
      this.#say(false);
      this.#field.value = link;
      this.#field.focus();
      this.#field.select();
    }
  }

  /** What was copied is not the page's address any more. */
  forget(): void {
    for (const element of [this.#copied, this.#failed, this.#byHand]) element.hidden = true;
  }

  #say(copied: boolean): void {
    this.#copied.hidden = !copied;
    this.#failed.hidden = this.#byHand.hidden = copied;
  }
}
