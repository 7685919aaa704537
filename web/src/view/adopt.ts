const adopted = new WeakSet<ShadowRoot>();

/** Puts the style sheet of this chunk into the root, once. */
export function adoptSheet(root: ShadowRoot, sheet: string): void {
  if (adopted.has(root)) return;
  const style = new CSSStyleSheet();
  style.replaceSync(sheet);
  root.adoptedStyleSheets.push(style);
  adopted.add(root);
}
