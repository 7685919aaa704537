package chrome

// GroupRuns reports whether a process of the browser's still runs.
var GroupRuns = groupRuns
