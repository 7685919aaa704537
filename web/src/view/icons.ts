// Small pictures of lines, in the colour of the text beside them. Each stands
// beside words that say the same, so none is read out.
import type { Report } from "../types";

type Icon = Report["verdict"] | "language";

/** What each is drawn by: a path on a square of 24. */
const PATHS: Record<Icon, string> = {
  blocked: "M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3zM9 9l6 6m0-6-6 6",
  degraded: "M12 3.8 2.6 20h18.8zM12 10v4.4m0 2.6v.1",
  clear: "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM8 12.3l2.8 2.8L16 9.7",
  inconclusive: "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM9.5 9.6a2.5 2.5 0 1 1 3.7 2.2c-.8.4-1.2.9-1.2 1.7m0 3v.1",
  language: "M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0zM3 12h18M12 3c5 5.5 5 12.5 0 18-5-5.5-5-12.5 0-18",
};

const SVG = "http://www.w3.org/2000/svg";

export function icon(name: Icon): SVGElement {
  const picture = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  picture.setAttribute("class", `icon ${name}`);
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  picture.append(path);
  return picture;
}
