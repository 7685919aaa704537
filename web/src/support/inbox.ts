import { attempt } from "../loader/attempt";
import type { Report } from "../types";

/** The element, which says where reports go: by its attribute report-to or by the property of that name. */
export type Host = HTMLElement & { reportTo?: string };

/** Where reports go, and what proves whose they are. */
export interface Inbox {
  url: URL;
  /** The query of the signed link that the page was opened with; missing where there was none. */
  link?: string;
}

/** The inbox that the host names; undefined where it names no address of the web. */
export function inboxOf(host: Host, { mode }: Report): Inbox | undefined {
  const address = host.reportTo ?? host.getAttribute("report-to");
  const url = attempt(() => address && new URL(address, document.baseURI)) || undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return;
  return { url, link: mode === "link" && url.origin === location.origin ? signedQuery() : undefined };
}

/** It is nobody's business but that of the server that the page is from. */
function signedQuery(): string | undefined {
  const { search } = location;
  return new URLSearchParams(search).has("sig") ? search.slice(1) : undefined;
}
