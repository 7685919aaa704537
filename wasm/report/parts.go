package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

// Part names what the user can leave out of a report before it is sent. All else
// is always there, and the support code follows from that.
type Part string

// The parts.
const (
	PartBrowser Part = "browser" // what the browser keeps, opens and blocks
	PartNetwork Part = "network" // the connection, and how much speaks for a VPN
	PartPayment Part = "payment" // the page, the challenge, and what came of the payment
	PartTiming  Part = "timing"  // how long the checks took
)

// parts are sorted, as the parts that were left out stand in a report. The
// families are those of the facts that a part has, by their names.
var parts = []struct {
	part     Part
	families []string
}{
	{PartBrowser, []string{"blocker", "cache", "cookie", "environment", "popup", "storage"}},
	{PartNetwork, []string{"network"}},
	{PartPayment, []string{"canary", "page", "payment", "threeds"}},
	{PartTiming, []string{}},
}

// FamiliesByPart returns every part, with the families of the facts that are left
// out with it. Each declared family is of one part.
func FamiliesByPart() map[Part][]string {
	families := make(map[Part][]string, len(parts))
	for _, p := range parts {
		families[p.part] = slices.Clone(p.families)
	}
	return families
}

// PartOf returns the part with which the fact is left out; none where the fact is
// always sent, because the support code has it, or where nobody knows its family.
func PartOf(fact string) Part {
	if fact == facts.Name(facts.Browser) || fact == facts.Name(facts.Platform) {
		return ""
	}
	family, _, _ := strings.Cut(fact, ".")
	for _, p := range parts {
		if slices.Contains(p.families, family) {
			return p.part
		}
	}
	return ""
}

// withheld reads which parts were left out, and refuses a report that has
// something of them nevertheless.
func (d *decoder) withheld(root node) []string {
	names := d.words(root, "withheld")
	for i, name := range names {
		path := fmt.Sprintf("withheld[%d]", i)
		if _, known := FamiliesByPart()[Part(name)]; !known {
			d.fail(path, fmt.Sprintf("%q is no part of a report", name))
		}
		if i > 0 && name <= names[i-1] {
			d.fail(path, "the parts must be sorted, each named once")
		}
	}
	d.lacks(root, names)
	return names
}

// lacks demands that nothing of the parts is in the report.
func (d *decoder) lacks(root node, withheld []string) {
	forbid := func(of Part, path string) {
		if slices.Contains(withheld, string(of)) {
			d.fail(path, fmt.Sprintf("must not be there: %s was left out", of))
		}
	}
	for _, name := range sortedKeys(root.values["facts"]) {
		forbid(PartOf(name), "fact "+name)
	}
	itself := func(n node) node { return n }
	for _, f := range each(d, root, "findings", itself) {
		for _, e := range each(d, f, "evidence", itself) {
			forbid(PartOf(d.text(e, "fact")), e.at("fact"))
		}
	}
	if root.values["vpn"] != nil {
		forbid(PartNetwork, "vpn")
	}
	if root.values["challenge"] != nil {
		forbid(PartPayment, "challenge")
	}
	if len(sortedKeys(root.values["timing"])) > 0 {
		forbid(PartTiming, "timing")
	}
}

// Without returns the report as its user sends it who leaves out the parts, beside
// those that are left out already.
func Without(r *Report, parts ...Part) *Report {
	out := *r
	out.Withheld = slices.Clone(r.Withheld)
	for _, part := range parts {
		out.Withheld = append(out.Withheld, string(part))
	}
	slices.Sort(out.Withheld)
	out.Withheld = slices.Compact(out.Withheld)
	gone := func(part Part) bool { return slices.Contains(out.Withheld, string(part)) }

	tree := r.Facts.Tree()
	maps.DeleteFunc(tree, func(fact string, _ any) bool { return gone(PartOf(fact)) })
	out.Facts, _, _ = facts.FromTree(tree) // what a set gave
	out.Findings = slices.Clone(r.Findings)
	for i := range out.Findings {
		f := &out.Findings[i]
		f.Evidence = slices.DeleteFunc(slices.Clone(f.Evidence), func(e diagnosis.Evidence) bool { return gone(PartOf(e.Fact)) })
	}
	if gone(PartNetwork) {
		out.VPN, out.Signals = diagnosis.BandNone, nil
	}
	if gone(PartPayment) {
		out.Challenge = diagnosis.StageAbsent
	}
	if gone(PartTiming) {
		out.Timing = map[string]int64{}
	}
	return &out
}
