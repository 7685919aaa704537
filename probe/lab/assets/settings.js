// What the server tells the page: settings, and the faults that it is asked for.
export const settings = document.documentElement.dataset;

const faults = new Set(settings.faults.split(" "));

/** Whether the page is to have the fault, or to be the harmless variant. */
export const has = (fault) => faults.has(fault);
