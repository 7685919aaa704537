package report

import (
	"fmt"
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
		"findings":    list(r.Findings, findingTree),
		"hidden": list(r.Hidden, func(h diagnosis.Hidden) any {
			return map[string]any{"code": string(h.Code), "because": string(h.Because)}
		}),
		"notChecked": list(r.NotChecked, func(n diagnosis.NotChecked) any {
			return map[string]any{"code": string(n.Code), "reason": string(n.Reason)}
		}),
		"facts":  r.Facts.Tree(),
		"timing": timing,
	}
	if r.Case != "" {
		tree["case"] = r.Case
	}
	if r.Challenge != diagnosis.StageAbsent {
		tree["challenge"] = string(r.Challenge)
	}
	if len(r.Signals) > 0 {
		tree["vpn"] = map[string]any{
			"band": string(r.VPN), "signals": list(r.Signals, plain),
		}
	}
	return tree
}

func list[T any](items []T, tree func(T) any) []any {
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = tree(item)
	}
	return out
}

func plain(s string) any { return s }

func findingTree(f diagnosis.Finding) any {
	tree := map[string]any{
		"code":       string(f.Code),
		"severity":   string(f.Severity),
		"confidence": string(f.Confidence),
		"params":     paramsTree(f),
		"evidence":   list(f.Evidence, evidenceTree),
		"fixes": list(f.Fixes, func(x diagnosis.Fix) any {
			return map[string]any{"code": string(x.Code), "for": string(x.For)}
		}),
	}
	if len(f.LeftOut) > 0 {
		tree["leftOut"] = list(f.LeftOut, func(x diagnosis.LeftOut) any {
			return map[string]any{"code": string(x.Code), "because": x.Because}
		})
	}
	return tree
}

func paramsTree(f diagnosis.Finding) map[string]any {
	params := map[string]any{}
	if len(f.OneOf) > 0 {
		params["oneOf"] = list(f.OneOf, plain)
	}
	if f.Variant != "" {
		params["variant"] = f.Variant
	}
	return params
}

func evidenceTree(e diagnosis.Evidence) any {
	tree := map[string]any{"fact": e.Fact, "value": e.Value}
	if e.Expected != nil {
		tree["expected"] = e.Expected
	}
	return tree
}

// FromTree reads what [Report.Tree] gave, possibly by an earlier version of
// schema 1. An error names the place, such as "findings[2].severity". Keys
// that it does not know are ignored, so that newer reports can be read.
func FromTree(tree map[string]any) (*Report, error) {
	d := decoder{}
	root := d.object(tree, "report")
	schema := int(d.number(root, "schema"))
	if d.err == nil && schema != Schema {
		return nil, fmt.Errorf("report: schema %d is not supported, only %d is", schema, Schema)
	}
	r := &Report{
		Schema:      schema,
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

func (d *decoder) timing(n node) map[string]int64 {
	if n.values["timing"] == nil {
		return nil
	}
	timing := d.object(n.values["timing"], n.at("timing"))
	out := make(map[string]int64, len(timing.values))
	for name := range timing.values {
		out[name] = int64(d.number(timing, name))
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
			return diagnosis.Evidence{Fact: d.text(e, "fact"), Value: e.values["value"], Expected: e.values["expected"]}
		}),
		Fixes: each(d, n, "fixes", func(x node) diagnosis.Fix {
			return diagnosis.Fix{Code: diagnosis.FixCode(d.text(x, "code")), For: diagnosis.Audience(d.text(x, "for"))}
		}),
		LeftOut: each(d, n, "leftOut", func(x node) diagnosis.LeftOut {
			return diagnosis.LeftOut{Code: diagnosis.FixCode(d.text(x, "code")), Because: d.text(x, "because")}
		}),
	}
}

// inner returns an object within another; one that is absent is empty.
func (d *decoder) inner(n node, key string) node {
	values, _ := n.values[key].(map[string]any)
	return node{values, n.at(key)}
}

// words reads a list of strings; one that is absent is empty.
func (d *decoder) words(n node, key string) []string {
	items, _ := n.values[key].([]any)
	var words []string
	for _, item := range items {
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

// each reads a list of objects; a list that is absent is empty.
func each[T any](d *decoder, n node, key string, read func(node) T) []T {
	if n.values[key] == nil {
		return nil
	}
	items, ok := n.values[key].([]any)
	if !ok {
		d.fail(n.at(key), "a list is needed")
	}
	var out []T
	for i, item := range items {
		out = append(out, read(d.object(item, fmt.Sprintf("%s[%d]", n.at(key), i))))
	}
	return out
}
