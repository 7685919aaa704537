// A part of the payment script that is loaded when it is needed.
export const build = "__BUILD__";
