package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

// Tree returns the report as plain values: maps, lists, strings, float64 and
// booleans. The browser turns it into an object, Encode into JSON.
func (r *Report) Tree() map[string]any {
	timing := make(map[string]any, len(r.Timing))
	for name, ms := range r.Timing {
		timing[name] = float64(ms)
	}
	tree := map[string]any{
		"schema":      float64(r.Schema),
		"id":          r.ID,
		"generatedAt": r.GeneratedAt,
		"module":      r.Module,
		"mode":        r.Mode,
		"verdict":     string(r.Verdict),
		"findings":    list(len(r.Findings), func(i int) any { return findingTree(&r.Findings[i]) }),
		"hidden": list(len(r.Hidden), func(i int) any {
			h := &r.Hidden[i]
			return map[string]any{"code": string(h.Code), "because": string(h.Because)}
		}),
		"notChecked": list(len(r.NotChecked), func(i int) any {
			n := &r.NotChecked[i]
			return map[string]any{"code": string(n.Code), "reason": string(n.Reason)}
		}),
		"facts":       r.Facts.Tree(),
		"timing":      timing,
		"supportCode": Code(r),
	}
	if r.Case != "" {
		tree["case"] = r.Case
	}
	if r.Challenge != diagnosis.StageAbsent {
		tree["challenge"] = string(r.Challenge)
	}
	if len(r.Signals) > 0 {
		tree["vpn"] = map[string]any{
			"band": string(r.VPN), "signals": words(r.Signals),
		}
	}
	if len(r.Withheld) > 0 {
		tree["withheld"] = words(r.Withheld)
	}
	return tree
}

// list is not generic: the module would have a copy of it for each type.
func list(n int, item func(int) any) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = item(i)
	}
	return out
}

func words(list []string) []any {
	out := make([]any, len(list))
	for i, word := range list {
		out[i] = word
	}
	return out
}

func findingTree(f *diagnosis.Finding) any {
	tree := map[string]any{
		"code":       string(f.Code),
		"severity":   string(f.Severity),
		"confidence": string(f.Confidence),
		"params":     paramsTree(f),
		"evidence":   list(len(f.Evidence), func(i int) any { return evidenceTree(&f.Evidence[i]) }),
		"fixes": list(len(f.Fixes), func(i int) any {
			x := &f.Fixes[i]
			return map[string]any{"code": string(x.Code), "for": string(x.For)}
		}),
	}
	if len(f.LeftOut) > 0 {
		tree["leftOut"] = list(len(f.LeftOut), func(i int) any {
			x := &f.LeftOut[i]
			return map[string]any{"code": string(x.Code), "because": x.Because}
		})
	}
	return tree
}

func paramsTree(f *diagnosis.Finding) map[string]any {
	params := map[string]any{}
	if len(f.OneOf) > 0 {
		params["oneOf"] = words(f.OneOf)
	}
	if f.Variant != "" {
		params["variant"] = f.Variant
	}
	return params
}

func evidenceTree(e *diagnosis.Evidence) any {
	tree := map[string]any{"fact": e.Fact, "value": e.Value}
	if e.Expected != nil {
		tree["expected"] = e.Expected
	}
	return tree
}

// FromTree reads what [Report.Tree] gave, possibly by an earlier version of
// schema 1. An error names the place, such as "findings[2].severity". Keys
// that it does not know are ignored, so that newer reports can be read, and so is
// the support code, which follows from the rest.
func FromTree(tree map[string]any) (*Report, error) {
	d := decoder{}
	root := d.object(tree, "report")
	schema := d.number(root, "schema")
	if d.err == nil && schema != Schema {
		return nil, fmt.Errorf("report: schema %v is not supported, only %d is", schema, Schema)
	}
	r := &Report{
		Schema:      Schema,
		ID:          d.text(root, "id"),
		GeneratedAt: d.text(root, "generatedAt"),
		Module:      d.text(root, "module"),
		Mode:        d.text(root, "mode"),
		Case:        d.optional(root, "case"),
		Challenge:   diagnosis.Stage(d.optional(root, "challenge")),
		Timing:      d.timing(root),
	}
	r.VPN, r.Signals = d.vpn(root)
	r.Verdict = diagnosis.Verdict(d.text(root, "verdict"))
	r.Findings = each(&d, root, "findings", d.finding)
	r.Hidden = each(&d, root, "hidden", func(n node) diagnosis.Hidden {
		return diagnosis.Hidden{Code: diagnosis.Code(d.text(n, "code")), Because: diagnosis.Code(d.text(n, "because"))}
	})
	r.NotChecked = each(&d, root, "notChecked", func(n node) diagnosis.NotChecked {
		return diagnosis.NotChecked{Code: diagnosis.Code(d.text(n, "code")), Reason: facts.Reason(d.text(n, "reason"))}
	})
	r.Facts = d.facts(root)
	r.Withheld = d.withheld(root)
	d.optional(root, "supportCode")
	if d.err != nil {
		return nil, d.err
	}
	return r, nil
}

// node is an object of the tree and where it stands.
type node struct {
	values map[string]any
	path   string
}

func (n node) at(key string) string { return strings.TrimPrefix(n.path+"."+key, "report.") }

// decoder keeps the first error, so that a schema reads as one list of keys.
type decoder struct{ err error }

func (d *decoder) fail(path, want string) {
	if d.err == nil {
		d.err = fmt.Errorf("%s: %s", path, want)
	}
}

func (d *decoder) object(v any, path string) node {
	values, ok := v.(map[string]any)
	if !ok {
		d.fail(path, "an object is needed")
	}
	return node{values, path}
}

func (d *decoder) text(n node, key string) string {
	s, ok := n.values[key].(string)
	if !ok {
		d.fail(n.at(key), "a string is needed")
	}
	return s
}

func (d *decoder) optional(n node, key string) string {
	if n.values[key] == nil {
		return ""
	}
	return d.text(n, key)
}

func (d *decoder) number(n node, key string) float64 {
	f, ok := n.values[key].(float64)
	if !ok {
		d.fail(n.at(key), "a number is needed")
	}
	return f
}

// maxTiming is a day in milliseconds. Every check has a limit of some seconds.
const maxTiming = 24 * 60 * 60 * 1000

func (d *decoder) timing(n node) map[string]int64 {
	if n.values["timing"] == nil {
		return nil
	}
	timing := d.object(n.values["timing"], n.at("timing"))
	out := make(map[string]int64, len(timing.values))
	for name := range timing.values {
		ms := d.number(timing, name)
		if ms != math.Trunc(ms) || ms < 0 || ms > maxTiming {
			d.fail(timing.at(name), "a whole number of milliseconds is needed")
		}
		out[name] = int64(ms)
	}
	return out
}

func (d *decoder) facts(n node) *facts.Set {
	set, _, err := facts.FromTree(d.object(n.values["facts"], n.at("facts")).values)
	if err != nil && d.err == nil {
		d.err = err
	}
	return set
}

func (d *decoder) finding(n node) diagnosis.Finding {
	return diagnosis.Finding{
		Code:       diagnosis.Code(d.text(n, "code")),
		Severity:   diagnosis.Severity(d.text(n, "severity")),
		Confidence: diagnosis.Confidence(d.text(n, "confidence")),
		OneOf:      d.words(d.inner(n, "params"), "oneOf"),
		Variant:    d.optional(d.inner(n, "params"), "variant"),
		Evidence: each(d, n, "evidence", func(e node) diagnosis.Evidence {
			return diagnosis.Evidence{Fact: d.text(e, "fact"), Value: d.value(e, "value"), Expected: d.value(e, "expected")}
		}),
		Fixes: each(d, n, "fixes", func(x node) diagnosis.Fix {
			return diagnosis.Fix{Code: diagnosis.FixCode(d.text(x, "code")), For: diagnosis.Audience(d.text(x, "for"))}
		}),
		LeftOut: each(d, n, "leftOut", func(x node) diagnosis.LeftOut {
			return diagnosis.LeftOut{Code: diagnosis.FixCode(d.text(x, "code")), Because: d.text(x, "because")}
		}),
	}
}

// maxText bounds a text of evidence, in bytes. No fact has a longer one than an
// origin may be.
const maxText = 263

// value reads a value as facts have them, or none.
func (d *decoder) value(n node, key string) any {
	v := n.values[key]
	ok := v == nil
	switch v := v.(type) {
	case bool:
		ok = true
	case float64:
		ok = v == math.Trunc(v) && math.Abs(v) < 1<<53
	case string:
		ok = len(v) <= maxText
	case []any:
		ok = !slices.ContainsFunc(v, func(item any) bool {
			word, isText := item.(string)
			return !isText || len(word) > maxText
		})
	}
	if !ok {
		d.fail(n.at(key), "no fact has such a value")
	}
	return v
}

// inner returns an object within another; one that is absent is empty.
func (d *decoder) inner(n node, key string) node {
	if n.values[key] == nil {
		return node{path: n.at(key)}
	}
	return d.object(n.values[key], n.at(key))
}

// words reads a list of strings; one that is absent is empty.
func (d *decoder) words(n node, key string) []string {
	var words []string
	for _, item := range d.items(n, key) {
		word, ok := item.(string)
		if !ok {
			d.fail(n.at(key), "strings are needed")
		}
		words = append(words, word)
	}
	return words
}

// vpn reads how much speaks for a VPN. Only what does is written.
func (d *decoder) vpn(root node) (diagnosis.Band, []string) {
	if root.values["vpn"] == nil {
		return diagnosis.BandNone, nil
	}
	n := d.object(root.values["vpn"], "vpn")
	return diagnosis.Band(d.text(n, "band")), d.words(n, "signals")
}

// items returns a list; one that is absent is empty.
func (d *decoder) items(n node, key string) []any {
	items, ok := n.values[key].([]any)
	if !ok && n.values[key] != nil {
		d.fail(n.at(key), "a list is needed")
	}
	return items
}

// each reads a list of objects; a list that is absent is empty.
func each[T any](d *decoder, n node, key string, read func(node) T) []T {
	var out []T
	for i, item := range d.items(n, key) {
		out = append(out, read(d.object(item, fmt.Sprintf("%s[%d]", n.at(key), i))))
	}
	return out
}

// sortedKeys returns the keys of an object; what is none has none.
func sortedKeys(v any) []string {
	values, _ := v.(map[string]any)
	return slices.Sorted(maps.Keys(values))
}
