// Reminders as a file that calendars open: iCalendar, RFC 5545.

/** A quarter of an hour that begins at `at`, with an alarm as it begins. */
export interface Reminder {
  /** The same in no other file. */
  uid: string;
  at: Date;
  summary: string;
  description: string;
}

/** How long a reminder's event lasts, in milliseconds. */
const LENGTH = 15 * 60_000;
/** The octets that a line may have, its end not counted (section 3.1). */
const OCTETS = 75;

/** The file's text. Times are in UTC, so that it needs no time zones of its own; `now` is when it is made. */
export function calendar(reminders: Reminder[], now: Date): string {
  const lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Checkout Doctor//Reminders//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"];
  for (const reminder of reminders) lines.push(...event(reminder, now));
  lines.push("END:VCALENDAR");
  return lines.map((line) => folded(line) + "\r\n").join("");
}

function event({ uid, at, summary, description }: Reminder, now: Date): string[] {
  return [
    "BEGIN:VEVENT",
    `UID:${uid}`,
    `DTSTAMP:${stamp(now)}`,
    `DTSTART:${stamp(at)}`,
    `DTEND:${stamp(new Date(at.getTime() + LENGTH))}`,
    `SUMMARY:${escaped(summary)}`,
    `DESCRIPTION:${escaped(description)}`,
    "TRANSP:TRANSPARENT",
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    `DESCRIPTION:${escaped(summary)}`,
    "TRIGGER:PT0S",
    "END:VALARM",
    "END:VEVENT",
  ];
}

/** As 20261122T080000Z (section 3.3.5). */
function stamp(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
}

/** Text as section 3.3.11 has it; it knows no control characters but a new line. */
function escaped(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/[\0-\x09\x0b-\x1f\x7f]/g, " ")
    .replace(/[\\;,]/g, "\\$&")
    .replace(/\n/g, "\\n");
}

/** Long lines go on in the next one, after a space; no character is cut in two (section 3.1). */
function folded(line: string): string {
  const encoder = new TextEncoder();
  const lines = [""];
  let left = OCTETS;
  for (const character of line) {
    const length = encoder.encode(character).length;
    if (length > left) {
      lines.push(" ");
      left = OCTETS - 1;
    }
    lines[lines.length - 1] += character;
    left -= length;
  }
  return lines.join("\r\n");
}
