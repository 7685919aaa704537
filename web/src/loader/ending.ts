// Reads the messages by which challenges end, as clients in the field word them.
import { attempt } from "./attempt";
import type { Ending } from "../types";

type Fields = Record<string, unknown>;

/** What the message says of a challenge's end; undefined where it is about something else. */
export function endingOf(data: unknown): Ending | undefined {
  if (typeof data === "string") data = attempt(() => JSON.parse(data as string));
  if (!data || typeof data !== "object") return;
  const { type, cres, threeDSServerTransID } = data as Fields;
  const sure = ["transStatus", "cres", "challengeCompletionInd"].some((key) => key in (data as Fields));
  // Challenges tell of other things too, and so does the 3DS Method.
  const called = typeof type === "string" && /challenge$|(challenge|3ds).*(resul|compl|done|fin|fail|err)/i.test(type);
  if (!sure && !called) return;
  const message = typeof cres === "string" ? attempt(() => decode(cres)) : undefined;
  return {
    sure,
    cres: typeof cres !== "string" ? "none" : message?.messageType !== "CRes" ? "malformed" : cres.endsWith("=") ? "padded" : "unpadded",
    id: threeDSServerTransID ?? message?.threeDSServerTransID,
  };
}

/** The JSON in base64url, padded or not. */
function decode(text: string): Fields {
  return JSON.parse(atob(text.replaceAll("-", "+").replaceAll("_", "/"))) as Fields;
}
