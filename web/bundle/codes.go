package main

import (
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
)

// supportCodes returns the code of every report that can be made without the
// module, which is what makes codes: by mode and by why the module did not run.
// Such a report is written by src/loader/inconclusive.ts.
func supportCodes() map[string]map[facts.Reason]string {
	codes := make(map[string]map[facts.Reason]string)
	for _, mode := range facts.Mode.Allowed {
		codes[mode] = make(map[facts.Reason]string)
		for _, why := range []facts.Reason{facts.ReasonRefused, facts.ReasonUnreachable} {
			codes[mode][why] = report.Code(&report.Report{
				Module: report.Version,
				Mode:   mode,
				Result: diagnosis.Result{
					Verdict:    diagnosis.Inconclusive,
					NotChecked: []diagnosis.NotChecked{{Code: "*", Reason: why}},
				},
				Facts: &facts.Set{},
			})
		}
	}
	return codes
}
