// What a message from another window must look like. A check answers yes or no
// and changes nothing. What it looks at is cloned data, which has no getters.

/** Whether a value has a shape. */
export type Shape = (value: unknown) => boolean;

export const flag: Shape = (value) => typeof value === "boolean";

/** A text of at most `most` UTF-16 units. */
export const text =
  (most: number): Shape =>
  (value) =>
    typeof value === "string" && value.length <= most;

/** A number from `least` to `most`; NaN is none. */
export const number =
  (least = 0, most = Number.MAX_SAFE_INTEGER): Shape =>
  (value) =>
    typeof value === "number" && value >= least && value <= most;

export const oneOf =
  (...values: unknown[]): Shape =>
  (value) =>
    values.includes(value);

export const optional =
  (shape: Shape): Shape =>
  (value) =>
    value === undefined || shape(value);

export const nullable =
  (shape: Shape): Shape =>
  (value) =>
    value === null || shape(value);

export const either =
  (...shapes: Shape[]): Shape =>
  (value) =>
    shapes.some((shape) => shape(value));

/** A list of at most `most` such values. */
export const list =
  (shape: Shape, most: number): Shape =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(shape);

/** An object with these members and no others. */
export const object =
  (members: Record<string, Shape>): Shape =>
  (value) =>
    isPlain(value) &&
    Object.keys(value).every((name) => Object.hasOwn(members, name)) &&
    Object.entries(members).every(([name, shape]) => shape(value[name]));

/** The same members, each of which may be missing. */
export const some = (members: Record<string, Shape>): Record<string, Shape> =>
  Object.fromEntries(Object.entries(members).map(([name, shape]) => [name, optional(shape)]));

/** A copy with those of the members that have their shape. */
export function fitting(members: Record<string, Shape>, from: object | undefined): Record<string, unknown> {
  const source = from as Record<string, unknown> | undefined;
  const found: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(members)) {
    const value = source?.[name];
    if (value !== undefined && shape(value)) found[name] = value;
  }
  return found;
}

/** An object of at most `most` such members, whatever their names. */
export const record =
  (shape: Shape, most: number): Shape =>
  (value) =>
    isPlain(value) && Object.keys(value).length <= most && Object.values(value).every(shape);

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Whether the value, written as JSON, has at most `most` UTF-16 units. */
export function fitsIn(most: number, value: unknown): boolean {
  try {
    return JSON.stringify(value).length <= most;
  } catch {
    return false; // a cycle, or nothing that JSON can say
  }
}
