// Package diagnosis turns facts into findings.
//
// It is pure: no I/O, no clock, no browser. The same facts give the same
// result in the browser, in a replay and in a test. [Causes] is the ordered
// list of every failure that can be named, readable from top to bottom; each
// family is decided in a file of its own. [Judge] runs the list:
//
//   - a cause that holds becomes a finding with its evidence and fixes;
//   - a finding whose DependsOn names another finding is its symptom: hidden;
//   - a cause that does not hold, but lacks a fact that could exclude it, is
//     listed as not checked, with the reason: unknown never counts as good;
//   - a cause that panics becomes self.check-crashed, and loses nothing else.
package diagnosis

import (
	"slices"
	"strings"

	"checkoutdoctor/wasm/facts"
)

// Code names a cause: family, a dot, and what is wrong. Codes are stable.
type Code string

// Family returns the part of the code before the dot.
func (c Code) Family() string {
	family, _, _ := strings.Cut(string(c), ".")
	return family
}

// Severity is what a cause does to a payment. It is fixed for each cause.
type Severity string

// The severities.
const (
	Blocking  Severity = "blocking"  // explains a failed payment by itself
	Degrading Severity = "degrading" // makes a failure likely
	Notice    Severity = "notice"    // worth knowing, no explanation by itself
)

// Confidence is how sure a finding is; its wording must match.
type Confidence string

// The confidences.
const (
	Certain  Confidence = "certain"  // the browser says so itself
	Likely   Confidence = "likely"   // the signals fit nothing else that is common
	Possible Confidence = "possible" // other explanations are as good; OneOf names them
)

// Verdict sums a run up.
type Verdict string

// The verdicts.
const (
	Blocked      Verdict = "blocked"      // a blocking cause was found
	Degraded     Verdict = "degraded"     // a degrading cause was found, no blocking one
	Clear        Verdict = "clear"        // nothing in this browser explains the failure
	Inconclusive Verdict = "inconclusive" // nothing was found, but not everything could be looked at
)

// A Cause is a diagnosable failure.
type Cause struct {
	Code        Code
	Severity    Severity
	Confidences []Confidence     // what a finding of it can have; wording exists for each
	OneOf       []string         // words for what the page cannot tell apart, in a finding's OneOf
	Variants    []string         // words for what can be told apart, one of them in a finding's Variant
	Needs       []facts.Declared // facts without which it cannot be excluded
	DependsOn   []Code           // causes of which it is a symptom
	Fixes       []FixCode        // least disruptive first; a variant may have only some of them
	TurnsAway   bool             // also what an issuer that turns a VPN's or a relay's addresses away looks like
	Source      string           // where the failure is described

	// match decides; nil means that the cause does not hold.
	match func(*facts.Set) *match
	// moot reports that the question does not arise, whatever is unknown.
	moot func(*facts.Set) bool
}

// match is how a cause was found to hold.
type match struct {
	confidence Confidence
	oneOf      []string
	variant    string
	fixes      []FixCode // nil: the cause's
	evidence   []Evidence
}

// Evidence is one fact that a finding rests on.
type Evidence struct {
	Fact     string
	Value    any // as in the report's facts
	Expected any // what a healthy browser shows; nil where there is no one value
}

// A Finding is a cause that holds.
type Finding struct {
	Code       Code
	Severity   Severity
	Confidence Confidence
	OneOf      []string // what the page cannot tell apart; empty for none
	Variant    string   // which form of the cause it is; empty where it has but one
	Evidence   []Evidence
	Fixes      []Fix
	LeftOut    []LeftOut // documented fixes that would make it worse here
}

// Hidden is a cause that holds as a symptom of another.
type Hidden struct{ Code, Because Code }

// NotChecked is a cause that could be neither found nor excluded.
type NotChecked struct {
	Code   Code
	Reason facts.Reason
}

// Result is the diagnosis of one set of facts.
type Result struct {
	Verdict    Verdict
	Findings   []Finding
	Hidden     []Hidden
	NotChecked []NotChecked
}

// Causes returns every cause, in the order in which findings of one severity are
// shown: what explains most comes first.
func Causes() []Cause {
	return slices.Concat(
		declineCauses, networkCauses, cookieCauses, storageCauses, pageCauses, popupCauses, notificationCauses, blockerCauses,
		acsCauses, cacheCauses, environmentCauses, vpnCauses, selfCauses, paymentCauses,
	)
}

// Lookup returns the cause with the code.
func Lookup(code Code) (Cause, bool) {
	for _, c := range Causes() {
		if c.Code == code {
			return c, true
		}
	}
	return Cause{}, false
}

// evidence lists the facts as they are.
func evidence(s *facts.Set, keys ...facts.Declared) []Evidence {
	var list []Evidence
	for _, k := range keys {
		if e := s.Entry(k); e.State == facts.Known {
			list = append(list, Evidence{Fact: facts.Name(k), Value: e.Value(k)})
		}
	}
	return list
}

// unlike is evidence that names what a healthy browser shows for the key.
func unlike(s *facts.Set, k facts.Declared, expected any) Evidence {
	return Evidence{Fact: facts.Name(k), Value: s.Entry(k).Value(k), Expected: expected}
}
