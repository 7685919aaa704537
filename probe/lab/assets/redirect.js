// The challenge in place of the page: the browser goes to the issuer, who posts
// it back to our server, which then shows the page anew.

/**
 * Makes the page's own window a place for the challenge; see openPlace of the
 * payment script. It is not lost while this page is there to see it.
 */
export function openPage() {
  return { names: ["_self"], lost: new Promise(() => {}), leave() {} };
}
