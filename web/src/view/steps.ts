// The steps of a fix as they are in the user's own browser: data that is loaded
// once a fix is shown that has such steps.
import { words } from "./files";
import type { Report } from "../types";

/** The fixes that each browser words in its own way. */
const TASKS = ["clear-cookies-and-cache", "allow-popups", "allow-third-party-cookies", "disable-blocker", "use-private-window"];

/** How one browser does a task, or why it cannot and what to do instead; `source` is the vendor's own help, at least its start page. */
type Way = ({ steps: string[]; none?: undefined } | { none: string; steps?: undefined }) & { source: string };

/** What one browser is called on one platform, and how it does each task there. */
interface Place {
  name: string;
  tasks: Record<string, Way>;
}

/** A language's steps, by browser and platform. */
type Steps = Record<string, Record<string, Place>>;

/** How the browser of the report does the task; undefined where only the general steps are known. */
export async function wayFor(task: string, { facts }: Report, language: string): Promise<(Way & { browser: string }) | undefined> {
  if (!TASKS.includes(task)) return;
  const [browser, platform] = [known(facts, "environment.browser"), known(facts, "environment.platform")];
  if (!browser || !platform) return;
  const place = (await words<Steps>(`locales/${language}.steps.json`))[browser]?.[platform];
  const way = place?.tasks[task];
  return way && { ...way, browser: place.name };
}

/** The value of a fact that is a word. */
function known(facts: Report["facts"], name: string): string | undefined {
  const { value } = (facts[name] ?? {}) as { value?: unknown };
  return typeof value === "string" ? value : undefined;
}
