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
	var d differences
	if a.Verdict != b.Verdict {
		d.add("verdict: %s -> %s", a.Verdict, b.Verdict)
	}
	before, after := a.Tree(), b.Tree()
	for _, list := range []struct{ key, what string }{
		{"findings", "finding"}, {"hidden", "hidden"}, {"notChecked", "not checked"},
	} {
		d.lists(list.what, nodes(before[list.key]), nodes(after[list.key]))
	}
	return d
}

type differences []string

func (d *differences) add(format string, args ...any) { *d = append(*d, fmt.Sprintf(format, args...)) }

// node is an entry of a report's lists; each has a code.
type node = map[string]any

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
			d.add("%s %s: gone", what, x["code"])
			continue
		}
		d.entries(fmt.Sprintf("%s %s", what, x["code"]), x, b[i])
	}
	for _, y := range b {
		if !slices.ContainsFunc(a, func(x node) bool { return x["code"] == y["code"] }) {
			d.add("%s %s: new", what, y["code"])
		}
	}
	if len(*d) == known && !slices.EqualFunc(a, b, func(x, y node) bool { return x["code"] == y["code"] }) {
		d.add("%s: the order changed", what)
	}
}

// entries compares two entries with the same code key by key.
func (d *differences) entries(what string, x, y node) {
	keys := maps.Clone(x)
	maps.Copy(keys, y)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if asJSON(x[key]) != asJSON(y[key]) {
			d.add("%s: %s %s -> %s", what, key, asJSON(x[key]), asJSON(y[key]))
		}
	}
}

// asJSON renders a plain value, which JSON cannot refuse.
func asJSON(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}
