// Picks the challenge out of what the recorder has seen.
import { attempt } from "../loader/attempt";
import type { ChallengeEnd, Ended, FrameNotes, Kept, Note, Recording, Seen, Tally, Wanted } from "../types";
import { fits } from "../loader/wanted";

/** What is known of the challenge in the frame, and of the page; `seen` is null where nothing was recorded. */
export function recordingOf(seen: Seen | null, wanted: Wanted, transID: string | undefined): Recording {
  const frame = find(seen, wanted);
  const frameNotes = seen && notesOf(seen, frame, wanted);
  return {
    frame: frame?.isConnected ? frame : null,
    goneFrame: frameNotes && !frame?.isConnected ? frame : null,
    frameNotes,
    end: seen && endOf(seen, frame, transID),
    left: seen?.left ?? false,
    notes: seen?.notes.map((note) => noteOf(note, frame)) ?? [],
    recording: !!seen,
  };
}

/** The note without what stays in the page. */
function noteOf({ source, policy, ...kept }: Kept, frame: HTMLIFrameElement | null): Note {
  const note = { ...kept, at: Math.round(kept.at) };
  if (note.kind === "violation") return { ...note, listed: lists(policy, note) };
  if (note.kind === "frame" || note.kind === "message") return { ...note, fromFrame: !!source && source === frame };
  return note;
}

/** Whether the directive names the very origin that it refused. */
function lists(policy = "", { directive, origin }: { directive: string; origin: string }): boolean {
  const rules = policy.split(";").map((rule) => rule.trim().split(/\s+/));
  const [, ...sources] = rules.find(([name]) => name?.toLowerCase() === directive) ?? [];
  const host = origin.split("//")[1];
  return sources.some((source) => !!origin && ["https:", origin, host].includes(source));
}

/** The frame itself, or the newest that fits the selector, even if it is gone by now. */
function find(seen: Seen | null, wanted: Wanted): HTMLIFrameElement | null {
  if (typeof wanted !== "string") return wanted ?? null;
  const found = attempt(() => document.querySelector(wanted));
  if (found instanceof HTMLIFrameElement) return found;
  return seen?.frames.findLast(([frame]) => fits(frame, wanted))?.[0] ?? null;
}

function tallyOf({ frames }: Seen, wanted: HTMLIFrameElement | null) {
  return frames.find(([frame]) => frame === wanted)?.[1];
}

function notesOf(seen: Seen, frame: HTMLIFrameElement | null, wanted: Wanted): FrameNotes | null {
  const tally = tallyOf(seen, frame);
  if (!tally) return null;
  const { added, gone, opened, ...notes } = tally;
  const end = Math.min(gone, performance.now());
  return { ...notes, lived: end - added, opened: opened && end - opened, most: most(seen, wanted, tally) };
}

/** How many challenge frames were in the page at once, at most, while this one was there. */
function most({ frames }: Seen, wanted: Wanted, here: Tally): number {
  const stays = frames.flatMap(([frame, tally]) =>
    fits(frame, wanted) && tally.added < here.gone && here.added < tally.gone ? [tally] : [],
  );
  return Math.max(0, ...stays.map(({ added }) => stays.filter((stay) => stay.added <= added && added < stay.gone).length));
}

/**
 * The end of the challenge in the frame: told by the frame itself or, while it
 * was there, by a window or surely by another frame. Without a frame the
 * challenge has a window; what ended with another name was an earlier payment's.
 * So it was in a frame that has loaded more since than the page that told it.
 */
function endOf(seen: Seen, frame: HTMLIFrameElement | null, transID: string | undefined): ChallengeEnd | null {
  const { added, gone, loads: now } = tallyOf(seen, frame) ?? { added: 0, gone: Infinity, loads: 0 };
  const names = ({ id }: Ended) => (id && transID ? (id === transID ? "same" : "other") : "absent");
  const ends = seen.endings.filter((ended) => {
    const { source, sure, at, loads = 0 } = ended;
    if (frame && source === frame) return names(ended) !== "other" || now <= loads + 1;
    if (source && !sure) return false;
    return frame ? added <= at && at <= gone : names(ended) !== "other";
  });
  const end = ends.find((ended) => names(ended) === "same") ?? ends[0];
  return end ? { age: performance.now() - end.at, cres: end.cres, transaction: names(end) } : null;
}
