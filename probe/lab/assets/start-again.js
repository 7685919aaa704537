// Visits the page a second time before its payment script is loaded, so that
// the page runs with what its first visit left in the HTTP cache. A navigation
// takes it from there; a reload would ask the server anew.
import { settings } from "/assets/settings.js";

const [visit] = performance.getEntriesByType("navigation");
if (visit.transferSize > 0) location.replace(location.href);
else await import(settings.script);
