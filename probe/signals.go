package probe

import (
	"slices"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

// The tags whose scenarios the signals of a VPN are counted in.
const (
	tagVPN     = "vpn"
	tagHealthy = "healthy"
)

// Signals are the signals of a VPN, in the order in which they are shown, and
// how often each was seen.
type Signals []SignalCount

// A SignalCount says how often one signal of a VPN was seen where there is
// something of the kind, and where nothing is wrong.
type SignalCount struct {
	Name    string `json:"name"`
	Weight  int    `json:"weight"`  // see [diagnosis.Signal]
	VPN     Fired  `json:"vpn"`     // in scenarios tagged so
	Healthy Fired  `json:"healthy"` // the same
}

// Fired is how often a signal was seen in a number of runs.
type Fired struct {
	Fired int `json:"fired"`
	Of    int `json:"of"` // runs with a report, repetitions included
}

// NewSignals returns every signal that is weighed, seen nowhere yet.
func NewSignals() Signals {
	var all Signals
	for _, signal := range diagnosis.Signals() {
		all = append(all, SignalCount{Name: signal.Name, Weight: signal.Weight})
	}
	return all
}

// Count adds what was seen in a run of a scenario with the tags.
func (all Signals) Count(tags []string, seen *facts.Set) {
	_, names := diagnosis.VPN(seen)
	for i := range all {
		fires := slices.Contains(names, all[i].Name)
		if slices.Contains(tags, tagVPN) {
			all[i].VPN.add(fires)
		}
		if slices.Contains(tags, tagHealthy) {
			all[i].Healthy.add(fires)
		}
	}
}

func (f *Fired) add(fires bool) {
	f.Of++
	if fires {
		f.Fired++
	}
}

// countSignals counts them in the results of all runs.
func countSignals(rounds [][]Result) Signals {
	all := NewSignals()
	for _, results := range rounds {
		for _, r := range results {
			if r.Report != nil {
				all.Count(r.Tags, r.Report.Facts)
			}
		}
	}
	return all
}
