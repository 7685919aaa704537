package probe

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"checkoutdoctor/wasm/report"
)

// Diff says in which points the diagnosis of b differs from that of a, a line
// each; nothing where they are the same. Identity, times and facts are not
// compared.
func Diff(a, b *report.Report) []string {
	var lines []string
	for _, d := range Compare(a, b) {
		lines = append(lines, d.String())
	}
	return lines
}

// A Difference is one point in which two reports differ.
type Difference struct {
	Part   string `json:"part"`           // what differs: verdict, finding, hidden, not checked or fact
	Name   string `json:"name,omitempty"` // the cause's code, or the fact's name
	Change Change `json:"change"`
	Key    string `json:"key,omitempty"`    // of what is said of it
	Before any    `json:"before,omitempty"` // as in the report
	After  any    `json:"after,omitempty"`
}

// Change is how something differs.
type Change string

// The changes.
const (
	Gone    Change = "gone"
	New     Change = "new"
	Changed Change = "changed"
	Order   Change = "order" // the same items in another order
)

// String words the difference in one line.
func (d Difference) String() string {
	subject := d.Part
	if d.Name != "" {
		subject += " " + d.Name
	}
	switch {
	case d.Change == Order:
		return subject + ": the order changed"
	case d.Change != Changed:
		return fmt.Sprintf("%s: %s", subject, d.Change)
	case d.Part == partVerdict:
		return fmt.Sprintf("%s: %s -> %s", subject, d.Before, d.After)
	}
	return fmt.Sprintf("%s: %s %s -> %s", subject, d.Key, asJSON(d.Before), asJSON(d.After))
}

const (
	partVerdict = "verdict"
	partFact    = "fact"
)

// Compare returns in which points the diagnosis of b differs from that of a.
// Identity, times and facts are not compared.
func Compare(a, b *report.Report) []Difference {
	var d differences
	if a.Verdict != b.Verdict {
		d.add(Difference{Part: partVerdict, Change: Changed, Before: a.Verdict, After: b.Verdict})
	}
	before, after := a.Tree(), b.Tree()
	for _, list := range []struct{ key, what string }{
		{"findings", "finding"}, {"hidden", "hidden"}, {"notChecked", "not checked"},
	} {
		d.lists(list.what, nodes(before[list.key]), nodes(after[list.key]))
	}
	return d
}

// CompareFacts returns which facts of b differ from those of a. Who established
// one is not compared.
func CompareFacts(a, b *report.Report) []Difference {
	var d differences
	before, after := a.Facts.Tree(), b.Facts.Tree()
	names := maps.Clone(before)
	maps.Copy(names, after)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		x, had := before[name].(node)
		y, has := after[name].(node)
		switch {
		case !has:
			d.add(Difference{Part: partFact, Name: name, Change: Gone})
		case !had:
			d.add(Difference{Part: partFact, Name: name, Change: New})
		default:
			d.fact(name, x, y)
		}
	}
	return d
}

type differences []Difference

func (d *differences) add(one Difference) { *d = append(*d, one) }

// fact compares what is known of a fact, or why nothing is.
func (d *differences) fact(name string, x, y node) {
	for _, key := range []string{"value", "unknown", "notApplicable"} {
		if asJSON(x[key]) != asJSON(y[key]) {
			d.add(Difference{Part: partFact, Name: name, Change: Changed, Key: key, Before: x[key], After: y[key]})
		}
	}
}

// node is an entry of a report's lists; each has a code.
type node = map[string]any

// codeOf returns the entry's code; that a report is read makes sure that it is one.
func codeOf(n node) string {
	code, _ := n["code"].(string)
	return code
}

func nodes(list any) []node {
	var out []node
	for _, item := range list.([]any) {
		out = append(out, item.(node))
	}
	return out
}

// lists compares two lists entry by entry, and then their order.
func (d *differences) lists(what string, a, b []node) {
	known := len(*d)
	for _, x := range a {
		i := slices.IndexFunc(b, func(y node) bool { return y["code"] == x["code"] })
		if i < 0 {
			d.add(Difference{Part: what, Name: codeOf(x), Change: Gone})
			continue
		}
		d.entries(what, x, b[i])
	}
	for _, y := range b {
		if !slices.ContainsFunc(a, func(x node) bool { return x["code"] == y["code"] }) {
			d.add(Difference{Part: what, Name: codeOf(y), Change: New})
		}
	}
	if len(*d) == known && !slices.EqualFunc(a, b, func(x, y node) bool { return x["code"] == y["code"] }) {
		d.add(Difference{Part: what, Change: Order})
	}
}

// entries compares two entries with the same code key by key.
func (d *differences) entries(what string, x, y node) {
	keys := maps.Clone(x)
	maps.Copy(keys, y)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if asJSON(x[key]) != asJSON(y[key]) {
			d.add(Difference{Part: what, Name: codeOf(x), Change: Changed, Key: key, Before: x[key], After: y[key]})
		}
	}
}

// asJSON renders a plain value, which JSON cannot refuse.
func asJSON(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}
