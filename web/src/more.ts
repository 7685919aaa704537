// The checklist of a browser that nothing is wrong with, and the way to a
// refund: loaded once the user gets there. Nothing that is entered is sent.
export { askBank } from "./more/bank";
export { checklist } from "./more/checklist";
export { newEntries } from "./more/more-context";
export type { Context, Entries } from "./more/more-context";
export type { MoreWords } from "./more/more-words";
export { refund } from "./more/refund";
