// Package report is the wire schema of a run: the facts, what was diagnosed
// from them, and where and when, with nothing that names a person. schema.json
// beside this file describes it; keys may be added to schema 1, none changed.
//
// The schema has no place for card data, page content, an address, or more of
// a URL than its origin; [FromTree] refuses facts that try to carry it.
package report

import (
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

// Schema is the version of the wire schema that this package writes.
const Schema = 1

// Report is one run.
type Report struct {
	Schema      int
	ID          string          // random, for support to refer to
	GeneratedAt string          // RFC 3339, UTC
	Module      string          // version of the module that judged
	Mode        string          // embed, link, watch or probe
	Case        string          // support's case number; empty for none
	Challenge   diagnosis.Stage // how the challenge stood; empty where there was none
	VPN         diagnosis.Band  // how much speaks for a VPN, by the signals
	Signals     []string        // names of what does; empty where the band is none
	diagnosis.Result
	Facts    *facts.Set
	Timing   map[string]int64 // milliseconds, by observer, and "total"
	Withheld []string         // names of the parts that the user left out, sorted; empty for none
}

// Version is the version of the module and of the command, which are released
// together.
const Version = "0.1.0"
