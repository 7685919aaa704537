// The checklist of a browser that nothing is wrong with, and the way to a
// refund: loaded once the user gets there. Nothing that is entered is sent.
export { askBank } from "./bank";
export { checklist } from "./checklist";
export { newEntries } from "./more-context";
export type { Context, Entries } from "./more-context";
export type { MoreWords } from "./more-words";
export { refund } from "./refund";
