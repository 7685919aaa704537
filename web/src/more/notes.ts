// Notes of what was sent and answered. They stay in this browser's storage.
import { dayAt } from "./days";
import { NOTE_KINDS, type NoteKind } from "./more-words";
import { randomID } from "../loader/random";

export interface Note {
  id: string;
  /** As 2026-11-22. */
  day: string;
  kind: NoteKind;
  text: string;
}

/** The most notes there can be, and the most characters of one. */
export const MOST = 100;
export const LONGEST = 2000;

/** What the notes are stored under, of the origin of the page. */
const KEY = "checkout-doctor:notes";
/** Of what is stored; another one is left as it is. */
const SCHEMA = 1;

/** What became of a note. lost: the storage had no room, and it is in memory alone. refused: there is no storage, and the same. */
export type Outcome = "added" | "lost" | "refused" | "full";

/**
 * The notes of one page. What cannot be stored is kept in memory, and `unsaved`
 * says so. What another tab stored meanwhile is never overwritten: each change
 * reads the storage first.
 */
export class Notebook {
  #memory: Note[] = [];

  /** `storage` throws where the browser refuses it. */
  constructor(private readonly storage: () => Storage = () => localStorage) {}

  /** Why no notes can be stored; undefined where they can, as far as is known. */
  get trouble(): "refused" | "unreadable" | undefined {
    try {
      return decode(this.storage().getItem(KEY)) ? undefined : "unreadable";
    } catch {
      return "refused";
    }
  }

  /** Whether there are notes that end with the page. */
  get unsaved(): boolean {
    return this.#memory.length > 0;
  }

  /** All notes, in the order in which they were made. */
  get notes(): Note[] {
    return [...this.#stored(), ...this.#memory];
  }

  add(note: Omit<Note, "id">): Outcome {
    if (this.notes.length >= MOST) return "full";
    this.#memory.push({ ...note, text: note.text.slice(0, LONGEST), id: randomID() });
    if (this.trouble) return "refused";
    return this.#store([...this.#stored(), ...this.#memory]) ? "added" : "lost";
  }

  /** Whether the note is gone. There may be room now for what could not be stored before. */
  remove(id: string): boolean {
    this.#memory = this.#memory.filter((note) => note.id !== id);
    const stored = this.#stored();
    const left = stored.filter((note) => note.id !== id);
    if (this.#memory.length && !this.trouble && this.#store([...left, ...this.#memory])) return true;
    return left.length === stored.length || this.#write(left);
  }

  /** Erases everything, also what cannot be read; whether it is gone. */
  clear(): boolean {
    this.#memory = [];
    try {
      this.storage().removeItem(KEY);
      return true;
    } catch {
      return this.trouble === "refused"; // then nothing was stored
    }
  }

  /** All that there is, as it is stored; what cannot be read is given out untouched. */
  json(): string {
    if (this.trouble === "unreadable") return this.storage().getItem(KEY) ?? "";
    return JSON.stringify({ schema: SCHEMA, notes: this.notes }, null, 2);
  }

  #stored(): Note[] {
    try {
      return decode(this.storage().getItem(KEY)) ?? [];
    } catch {
      return [];
    }
  }

  /** What is stored need not be in memory. */
  #store(notes: Note[]): boolean {
    const done = this.#write(notes);
    if (done) this.#memory = [];
    return done;
  }

  #write(notes: Note[]): boolean {
    try {
      this.storage().setItem(KEY, JSON.stringify({ schema: SCHEMA, notes }));
      return true;
    } catch {
      return false;
    }
  }
}

/** The notes of what is stored; undefined where it is none of ours, or of another version. */
function decode(text: string | null): Note[] | undefined {
  if (text === null) return [];
  try {
    const { schema, notes } = JSON.parse(text) as { schema?: unknown; notes?: unknown };
    return schema === SCHEMA && Array.isArray(notes) && notes.every(isNote) ? notes : undefined;
  } catch {
    return;
  }
}

function isNote(value: unknown): value is Note {
  const { id, day, kind, text } = (value ?? {}) as Record<keyof Note, unknown>;
  return typeof id === "string" && typeof day === "string" && dayAt(day) !== undefined && NOTE_KINDS.some((known) => known === kind) && typeof text === "string";
}
