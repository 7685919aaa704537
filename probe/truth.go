package probe

import (
	"fmt"
	"slices"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/report"
)

// Origins are the sites of the reference checkout.
type Origins struct {
	Merchant, ThreeDSServer, ACS, ACS2, Diag, Helper string
}

// A rule says what the browser's own instruments show of a payment where a
// cause is found, and what they cannot show. It is how the probe notices a
// diagnosis that meets the expectation and is wrong all the same.
type rule struct {
	shows  []sign
	denies []sign
	// why says what no instrument shows, so that the finding rests on the page's
	// word; empty where they show all that the finding says.
	why string
}

// A sign is something that the browser saw or did.
type sign struct {
	what string // completes "the browser saw …"
	seen func(*view) bool
}

// view is what is known of one run.
type view struct {
	report  *report.Report
	paid    bool
	card    string
	agent   string // user agent that was emulated; empty for none
	origins Origins
	payment Truth // up to the moment when the diagnostic was asked: the payment's own traffic
	whole   Truth // the diagnostic's traffic as well
	log     Log   // of the payment
}

// found reports whether the report has the cause in the variant.
func (v *view) found(code diagnosis.Code, variant string) bool {
	return slices.ContainsFunc(v.report.Findings, func(f diagnosis.Finding) bool { return f.Code == code && f.Variant == variant })
}

// TruthLimitOf says what the browser's own instruments cannot confirm of a
// finding with the code; empty where they confirm all of it.
func TruthLimitOf(code diagnosis.Code) string { return rules()[code].why }

// truthLimits returns what cannot be confirmed of the report's findings.
func truthLimits(r *report.Report) []TruthLimit {
	var limits []TruthLimit
	for _, f := range r.Findings {
		if why := TruthLimitOf(f.Code); why != "" {
			limits = append(limits, TruthLimit{f.Code, why})
		}
	}
	return limits
}

// contradictions returns where the browser's own instruments say otherwise
// than the report.
func contradictions(v *view) []Problem {
	var problems []Problem
	known := rules()
	for _, f := range v.report.Findings {
		for _, s := range known[f.Code].shows {
			if !s.seen(v) {
				problems = append(problems, Problem{Untrue, fmt.Sprintf("%s: the browser never saw %s", f.Code, s.what)})
			}
		}
		for _, s := range known[f.Code].denies {
			if s.seen(v) {
				problems = append(problems, Problem{Untrue, fmt.Sprintf("%s: the browser saw %s", f.Code, s.what)})
			}
		}
	}
	for _, lie := range lies() {
		if lie.claimed(v.report.Facts) && lie.seen(v) {
			problems = append(problems, Problem{Untrue, fmt.Sprintf("%s: the browser saw %s", lie.claim, lie.what)})
		}
	}
	return problems
}
