package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web"
)

// reportView is a report, or what a support code holds of one, in words. What is
// from the report is as it stands there: whoever shows it has to escape it.
type reportView struct {
	Title      string // of the verdict
	Verdict    diagnosis.Verdict
	About      []aboutRow
	Findings   []findingView
	More       bool // the code had no room for all findings
	FromCode   bool
	Hidden     []diagnosis.Hidden
	NotChecked []notCheckedView
	VPN        diagnosis.Band
	Signals    []string
	Browser    []factView
	Network    []factView
}

type aboutRow struct{ Name, Value string }

type findingView struct {
	Title      string
	Code       diagnosis.Code
	Severity   diagnosis.Severity
	Confidence string
	Text       string
	Variant    string
	OneOf      []string
	Evidence   []evidenceView
	Fixes      []fixView
	LeftOut    []string
}

type evidenceView struct{ Fact, Doc, Value, Expected string }

type fixView struct {
	Title string
	Code  diagnosis.FixCode
	For   string
	Steps []string
}

// notCheckedView is what was not checked for one reason.
type notCheckedView struct {
	Why  string
	What []string
}

type factView struct{ Name, Doc, Value string }

// reportWords words reports in English.
type reportWords struct {
	web.Words
	engineers         web.EngineerWords
	browser, platform string
	docs              map[string]string // what facts mean, by name
}

func newReportWords(browser, platform string) (*reportWords, error) {
	words, err := web.Locale("en")
	if err != nil {
		return nil, err
	}
	engineers, err := web.Engineers()
	if err != nil {
		return nil, err
	}
	w := &reportWords{Words: words, engineers: engineers, browser: browser, platform: platform, docs: make(map[string]string)}
	for _, k := range facts.All() {
		w.docs[facts.Name(k)] = facts.Doc(k)
	}
	return w, nil
}

// viewOf words what was read.
func viewOf(s subject) (*reportView, error) {
	words, err := newReportWords(s.summary.Browser, s.summary.Platform)
	if err != nil {
		return nil, err
	}
	if s.report == nil {
		return words.ofCode(s.summary), nil
	}
	return words.ofReport(s.report, s.summary), nil
}

func (w *reportWords) ofReport(r *report.Report, s report.Summary) *reportView {
	v := &reportView{
		Title: w.verdict(r.Verdict, r.Findings), Verdict: r.Verdict, Hidden: r.Hidden, VPN: r.VPN,
		NotChecked: w.notChecked(r.NotChecked),
		Browser:    w.known(r.Facts, "environment."),
		Network:    w.known(r.Facts, "network."),
		About: filled([]aboutRow{
			{"report", r.ID}, {"case", r.Case}, {"made", r.GeneratedAt}, {"module", r.Module}, {"mode", r.Mode},
			{"browser", w.place()}, {"challenge", string(r.Challenge)}, {"support code", s.Code()},
			{"left out by the user", joined(r.Withheld)},
		}),
	}
	for _, f := range r.Findings {
		v.Findings = append(v.Findings, w.finding(f))
	}
	for _, name := range r.Signals {
		v.Signals = append(v.Signals, orItself(w.Words.Signals[name].Text, name))
	}
	return v
}

// ofCode shows what a code holds. What is recommended is not in it, and is that
// of the cause.
func (w *reportWords) ofCode(s report.Summary) *reportView {
	var findings []diagnosis.Finding
	for _, f := range s.Findings {
		cause, _ := diagnosis.Lookup(f.Code)
		finding := diagnosis.Finding{Code: f.Code, Severity: cause.Severity, Confidence: f.Confidence, Variant: f.Variant, OneOf: f.OneOf}
		for _, r := range diagnosis.Remedies() {
			if i := slices.Index(cause.Fixes, r.Code); i >= 0 {
				finding.Fixes = append(finding.Fixes, diagnosis.Fix{Code: r.Code, For: r.For})
			}
		}
		slices.SortFunc(finding.Fixes, func(a, b diagnosis.Fix) int {
			return slices.Index(cause.Fixes, a.Code) - slices.Index(cause.Fixes, b.Code)
		})
		findings = append(findings, finding)
	}
	v := &reportView{
		Title: w.verdict(s.Verdict, findings), Verdict: s.Verdict, FromCode: true, More: s.More,
		About: filled([]aboutRow{{"support code", s.Code()}, {"module", s.Module}, {"mode", s.Mode}, {"browser", w.place()}}),
	}
	for _, f := range findings {
		v.Findings = append(v.Findings, w.finding(f))
	}
	for class, why := range classWords {
		var families []string
		for _, u := range s.NotChecked {
			if u.Why == class {
				families = append(families, familyWords(u.Family))
			}
		}
		if families != nil {
			v.NotChecked = append(v.NotChecked, notCheckedView{Why: why, What: families})
		}
	}
	slices.SortFunc(v.NotChecked, func(a, b notCheckedView) int { return strings.Compare(a.Why, b.Why) })
	return v
}

// classWords word why something of a family was not checked.
var classWords = map[report.Class]string{
	report.NotAsked:   "was not asked for, or cannot be asked there",
	report.Unanswered: "what would tell did not answer",
	report.Refused:    "the browser refused the question",
	report.Broken:     "the check did not come to its end",
}

func familyWords(family string) string {
	if family == "*" {
		return "everything: the module could not run"
	}
	return "some of " + family
}

// place is what the browser calls itself, and what it runs on.
func (w *reportWords) place() string {
	if w.browser == "" || w.platform == "" {
		return w.browser + w.platform
	}
	return w.browser + " on " + w.platform
}

// filled leaves out what has no value.
func filled(rows []aboutRow) []aboutRow {
	return slices.DeleteFunc(rows, func(r aboutRow) bool { return r.Value == "" })
}

// orItself is the text, or the word that there is no text for.
func orItself[T ~string](text string, word T) string {
	if text == "" {
		return string(word)
	}
	return text
}

// verdict is as sure as the surest finding that it rests on.
func (w *reportWords) verdict(v diagnosis.Verdict, findings []diagnosis.Finding) string {
	words := w.Verdicts[v]
	severity := map[diagnosis.Verdict]diagnosis.Severity{diagnosis.Blocked: diagnosis.Blocking, diagnosis.Degraded: diagnosis.Degrading}[v]
	surest := diagnosis.Possible
	for _, f := range findings {
		if f.Severity != severity {
			continue
		}
		if f.Confidence == diagnosis.Certain || surest == diagnosis.Possible {
			surest = f.Confidence
		}
	}
	switch {
	case severity == "" || surest == diagnosis.Certain || len(findings) == 0:
	case surest == diagnosis.Likely:
		return orItself(words.Likely, v)
	case surest == diagnosis.Possible:
		return orItself(words.Possible, v)
	}
	return orItself(words.Title, v)
}

func (w *reportWords) finding(f diagnosis.Finding) findingView {
	cause := w.Causes[f.Code]
	v := findingView{
		Title: orItself(cause.Title, f.Code), Code: f.Code, Severity: f.Severity,
		Confidence: orItself(w.Confidences[f.Confidence], f.Confidence), Text: cause.Text(f.Confidence),
	}
	if f.Variant != "" {
		v.Variant = orItself(w.Variants[f.Variant], f.Variant)
	}
	for _, word := range f.OneOf {
		v.OneOf = append(v.OneOf, orItself(w.OneOf[word], word))
	}
	for _, e := range f.Evidence {
		shown := evidenceView{Fact: e.Fact, Doc: w.docs[e.Fact], Value: valueText(e.Value)}
		if e.Expected != nil {
			shown.Expected = valueText(e.Expected)
		}
		v.Evidence = append(v.Evidence, shown)
	}
	for _, x := range f.Fixes {
		v.Fixes = append(v.Fixes, w.fix(x))
	}
	for _, x := range f.LeftOut {
		v.LeftOut = append(v.LeftOut, fmt.Sprintf("%s: %s", orItself(w.Fixes[x.Code].Title, x.Code), orItself(w.Words.LeftOut[x.Because], x.Because)))
	}
	return v
}

// fix words a fix, by the steps of the user's browser where there are such.
func (w *reportWords) fix(x diagnosis.Fix) fixView {
	words, ok := w.Fixes[x.Code]
	if !ok {
		words = w.engineers.Fixes[x.Code]
	}
	steps := words.Steps
	if way := w.Steps[w.browser][w.platform].Tasks[x.Code]; len(way.Steps) > 0 {
		steps = way.Steps
	}
	return fixView{Title: orItself(words.Title, x.Code), Code: x.Code, For: orItself(audiences[x.For], x.For), Steps: steps}
}

// notChecked gathers the causes by why they were not checked, in the order in
// which the reasons come up.
func (w *reportWords) notChecked(list []diagnosis.NotChecked) []notCheckedView {
	var out []notCheckedView
	at := make(map[facts.Reason]int)
	for _, n := range list {
		i, ok := at[n.Reason]
		if !ok {
			i = len(out)
			at[n.Reason] = i
			out = append(out, notCheckedView{Why: orItself(w.Reasons[n.Reason], n.Reason)})
		}
		what := string(n.Code)
		if what == "*" {
			what = familyWords(what)
		}
		out[i].What = append(out[i].What, what)
	}
	return out
}

// known returns the facts of a family that are known, in the order of their names.
func (w *reportWords) known(s *facts.Set, family string) []factView {
	var out []factView
	tree := s.Tree()
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		node, _ := tree[name].(map[string]any)
		if value, ok := node["value"]; ok && strings.HasPrefix(name, family) {
			out = append(out, factView{Name: name, Doc: w.docs[name], Value: valueText(value)})
		}
	}
	return out
}

// valueText is a value as people write it.
func valueText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = valueText(item)
		}
		if len(items) == 0 {
			return "none"
		}
		return strings.Join(items, ", ")
	}
	text, _ := json.Marshal(v) // a plain value, which JSON cannot refuse
	return string(text)
}
