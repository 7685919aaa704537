import { attempt } from "./attempt";
import type { Wanted } from "../types";

/** Whether the frame is a challenge frame: that one, another of its name, or one of the selector's. */
export function fits(frame: HTMLIFrameElement, wanted: Wanted): boolean {
  if (typeof wanted === "string") return !!attempt(() => frame.matches(wanted));
  return frame === wanted || (!!frame.name && frame.name === wanted?.name);
}
