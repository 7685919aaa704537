package report

import (
	"slices"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

// A support code is what a user reads out where no report can be sent. It is a
// [Summary], packed into one number: each field is a digit of its own base, which
// leaves no bit unused. The number is spelled in [alphabet], with check digits.
//
// What a code holds is found by numbers: places in codes.txt and in the lists
// below. They are only ever appended to, so that a code of an earlier release
// says the same for ever.

// codeVersion is the way of packing. A code of another one is not read.
const codeVersion = 1

// The bases of the fields, with room for what later releases append.
const (
	baseVersion    = 4
	baseVerdict    = 5
	baseMode       = 6
	baseBrowser    = 12
	basePlatform   = 6
	baseScope      = 3
	baseClass      = 5
	baseCause      = 200
	baseConfidence = 4
	baseDetail     = 4
	baseVariant    = 32
	baseOneOf      = 1 << maxOneOf
	maxRelease     = 1 << 12
)

// Limits of what a code can say.
const (
	maxFamilies     = 14
	maxOneOf        = 6
	maxCodeFindings = 4
)

// What the fields mean by number, from 1; 0 is what is not known. They are words
// parted by blanks, as in codes.txt.
const (
	codeReleases    = "0.1.0"
	codeVerdicts    = "blocked degraded clear inconclusive"
	codeModes       = "embed link watch probe"
	codeBrowsers    = "chrome edge safari firefox brave samsung other"
	codePlatforms   = "desktop ios android"
	codeConfidences = "certain likely possible"
	codeClasses     = "not-asked unanswered refused broken"
	// codeFamilies end with that of a module that could not run: its report says
	// of everything at once that it was not checked.
	codeFamilies = "payment network cookie storage threeds popup blocker cache environment vpn self *"
)

// Class is why the causes of a family were not all checked, as far as a support
// code tells the reasons apart.
type Class string

// The classes, the least telling first.
const (
	NotAsked   Class = "not-asked"  // nobody asked, or nobody could have asked here
	Unanswered Class = "unanswered" // what would tell did not answer
	Refused    Class = "refused"    // the browser refused the question
	Broken     Class = "broken"     // the check itself did not come to its end
)

// classOf returns the class of a reason.
func classOf(r facts.Reason) Class {
	switch {
	case r.Harmless():
		return NotAsked
	case r == facts.ReasonUnreachable || r == facts.ReasonTimedOut:
		return Unanswered
	case r == facts.ReasonRefused:
		return Refused
	}
	return Broken
}

// Summary is what a support code holds of a report.
type Summary struct {
	Module     string // the release that judged; empty where it was none
	Verdict    diagnosis.Verdict
	Mode       string
	Browser    string // environment.browser; empty where it is not known
	Platform   string // environment.platform; empty where it is not known
	Findings   []Named
	More       bool // there were findings that had no room
	NotChecked []Unchecked
}

// Named is a finding without what it rests on.
type Named struct {
	Code       diagnosis.Code
	Confidence diagnosis.Confidence
	Variant    string   // empty for none
	OneOf      []string // in the order of the cause; empty for none
}

// Unchecked is a family of which something was not checked, and the most
// telling class of why.
type Unchecked struct {
	Family string
	Why    Class
}

// Code returns the report's support code, such as AKTR-32M-8X5-EP2.
func Code(r *Report) string { return Summarize(r).Code() }

// Summarize returns what a support code holds of the report.
func Summarize(r *Report) Summary {
	browser, _ := r.Facts.String(facts.Browser)
	platform, _ := r.Facts.String(facts.Platform)
	s := Summary{
		Module:     known(codeReleases, r.Module),
		Verdict:    diagnosis.Verdict(known(codeVerdicts, string(r.Verdict))),
		Mode:       known(codeModes, r.Mode),
		Browser:    known(codeBrowsers, browser),
		Platform:   known(codePlatforms, platform),
		NotChecked: unchecked(r.NotChecked),
	}
	for room := maxCodeFindings; ; room-- {
		s.Findings = chosen(r.Findings, room)
		s.More = len(s.Findings) < len(r.Findings)
		if room == 1 || len(s.pack()) <= maxDigits-checkDigits {
			return s
		}
	}
}

// chosen returns as many findings as there is room for, in their order: the most
// severe, and of equal severity the surest.
func chosen(findings []diagnosis.Finding, room int) []Named {
	const taken = -1
	order := make([]int, len(findings))
	for i := range findings {
		order[i] = rankOf(&findings[i])
	}
	for rank := range ranks {
		for i := range order {
			if room > 0 && order[i] == rank {
				order[i] = taken
				room--
			}
		}
	}
	var out []Named
	for i := range findings {
		if order[i] == taken {
			out = append(out, named(&findings[i]))
		}
	}
	return out
}

// ranks is how many combinations of severity and confidence there are, and one
// more: that of findings that a code cannot name.
const ranks = 9

// rankOf returns how early the finding is chosen.
func rankOf(f *diagnosis.Finding) int {
	severity := place("blocking degrading notice", string(f.Severity))
	confidence := place(codeConfidences, string(f.Confidence))
	if number, _, _ := numberOf(f.Code); number == 0 || severity == 0 || confidence == 0 {
		return ranks
	}
	return 3*(severity-1) + confidence - 1
}

// named keeps of the finding what a code can say.
func named(f *diagnosis.Finding) Named {
	_, variants, oneOf := numberOf(f.Code)
	n := Named{Code: f.Code, Confidence: f.Confidence, Variant: known(variants, f.Variant)}
	for i := range maxOneOf {
		if word := at(oneOf, i+1); word != "" && slices.Contains(f.OneOf, word) {
			n.OneOf = append(n.OneOf, word)
		}
	}
	return n
}

// unchecked returns the families of which something was not checked.
func unchecked(list []diagnosis.NotChecked) []Unchecked {
	var worst [maxFamilies]int
	for _, n := range list {
		if i := place(codeFamilies, n.Code.Family()); i > 0 {
			worst[i-1] = max(worst[i-1], place(codeClasses, string(classOf(n.Reason))))
		}
	}
	var out []Unchecked
	for i, class := range worst {
		if class > 0 {
			out = append(out, Unchecked{Family: at(codeFamilies, i+1), Why: Class(at(codeClasses, class))})
		}
	}
	return out
}

// Code spells the summary.
func (s Summary) Code() string { return spell(s.pack()) }

// pack puts the last field first: unpack takes them in the opposite order. The
// release has the last word, since what comes first needs no base, and is short
// for as long as it is small.
func (s *Summary) pack() number {
	var n number
	n.push(place(codeReleases, s.Module), maxRelease)
	for i := len(s.Findings) - 1; i >= 0; i-- {
		s.Findings[i].pack(&n)
	}
	count := 2 * len(s.Findings)
	if s.More {
		count++
	}
	n.push(count, 2*(maxCodeFindings+1))
	s.packNotChecked(&n)
	n.push(place(codePlatforms, s.Platform), basePlatform)
	n.push(place(codeBrowsers, s.Browser), baseBrowser)
	n.push(place(codeModes, s.Mode), baseMode)
	n.push(place(codeVerdicts, string(s.Verdict)), baseVerdict)
	n.push(codeVersion, baseVersion)
	return n
}

// Bits of how much is said of a finding beside its cause.
const (
	withVariant = 1
	withOneOf   = 2
)

func (f *Named) pack(n *number) {
	number, variants, oneOf := numberOf(f.Code)
	detail := 0
	if len(f.OneOf) > 0 {
		mask := 0
		for _, word := range f.OneOf {
			mask |= 1 << (place(oneOf, word) - 1)
		}
		n.push(mask, baseOneOf)
		detail |= withOneOf
	}
	if f.Variant != "" {
		n.push(place(variants, f.Variant), baseVariant)
		detail |= withVariant
	}
	n.push(detail, baseDetail)
	n.push(place(codeConfidences, string(f.Confidence)), baseConfidence)
	n.push(number, baseCause)
}

// How much is said of what was not checked: mostly all of it is only not asked,
// and then a family is one of two.
const (
	scopeAll = iota
	scopeNotAsked
	scopeClasses
)

// baseOfScope is how many classes a family can be of.
func baseOfScope(scope int) int {
	switch scope {
	case scopeAll:
		return 1
	case scopeNotAsked:
		return 2
	}
	return baseClass
}

func (s *Summary) packNotChecked(n *number) {
	var classes [maxFamilies]int
	scope := scopeAll
	for _, u := range s.NotChecked {
		class := place(codeClasses, string(u.Why))
		classes[place(codeFamilies, u.Family)-1] = class
		scope = max(scope, min(class, scopeClasses))
	}
	for i := maxFamilies - 1; i >= 0; i-- {
		n.push(classes[i], baseOfScope(scope))
	}
	n.push(scope, baseScope)
}
