package probe

import (
	"slices"

	"checkoutdoctor/probe/hint"
	"checkoutdoctor/probe/strictyaml"
	"checkoutdoctor/wasm/diagnosis"
)

func (p *scenarioParser) expect(v strictyaml.Value) {
	o, ok := v.Object("verdict", "findings", "notChecked", "signals", "only", "paid")
	if !ok {
		return
	}
	if _, ok := o["verdict"]; !ok {
		p.Fail(p.s.Expect.Line, "expect.verdict is missing")
	}
	o.With("verdict", func(v strictyaml.Value) {
		verdict, _ := v.OneOf("verdict", string(diagnosis.Blocked), string(diagnosis.Degraded),
			string(diagnosis.Clear), string(diagnosis.Inconclusive))
		p.s.Expect.Verdict = diagnosis.Verdict(verdict)
	})
	o.With("findings", p.findings)
	o.With("notChecked", p.notChecked)
	o.With("signals", p.signals)
	o.With("only", func(v strictyaml.Value) { p.s.Expect.Only, _ = v.Boolean() })
	o.With("paid", func(v strictyaml.Value) {
		if paid, ok := v.Boolean(); ok {
			p.s.Expect.Paid = &paid
		}
	})
	p.verdictFits(o.LineOr("verdict", p.s.Expect.Line))
	p.worstIsFirst(o.LineOr("findings", p.s.Expect.Line))
}

func (p *scenarioParser) findings(v strictyaml.Value) {
	for _, item := range v.List() {
		p.finding(item)
	}
}

func (p *scenarioParser) finding(v strictyaml.Value) {
	o, ok := v.Object("code", "confidence", "severity", "variant")
	if !ok {
		return
	}
	if _, ok := o["code"]; !ok {
		v.Fail("%s.code is missing", v.Path())
		return
	}
	o.With("code", func(v strictyaml.Value) {
		code, ok := v.OneOf("cause", causeCodes()...)
		if !ok {
			return
		}
		cause, _ := diagnosis.Lookup(diagnosis.Code(code))
		if slices.ContainsFunc(p.s.Expect.Findings, func(f ExpectedFinding) bool { return f.Code == cause.Code }) {
			v.Fail("%s: the cause %s is given twice", v.Path(), code)
			return
		}
		p.s.Expect.Findings = append(p.s.Expect.Findings, expectedFinding(cause, o))
	})
}

// notChecked reads the causes that cannot be decided, and so cannot be found.
func (p *scenarioParser) notChecked(v strictyaml.Value) {
	for _, item := range v.List() {
		text, ok := item.OneOf("cause", causeCodes()...)
		code := diagnosis.Code(text)
		switch {
		case !ok:
		case slices.Contains(p.s.Expect.NotChecked, code):
			item.Fail("%s: the cause %s is given twice", item.Path(), code)
		case p.s.Expect.names(code):
			item.Fail("%s: the cause %s is expected to be found", item.Path(), code)
		default:
			p.s.Expect.NotChecked = append(p.s.Expect.NotChecked, code)
		}
	}
}

// signals reads those of a VPN that must be seen. That the list is there says
// that there are no others, so that an empty one is not none.
func (p *scenarioParser) signals(v strictyaml.Value) {
	var known []string
	for _, s := range diagnosis.Signals() {
		known = append(known, s.Name)
	}
	p.s.Expect.Signals = []string{}
	for _, item := range v.List() {
		name, ok := item.OneOf("signal", known...)
		switch {
		case !ok:
		case slices.Contains(p.s.Expect.Signals, name):
			item.Fail("%s: the signal %s is given twice", item.Path(), name)
		default:
			p.s.Expect.Signals = append(p.s.Expect.Signals, name)
		}
	}
}

// expectedFinding reads what else must be so of a finding. What its cause
// cannot have is a mistake in the file.
func expectedFinding(cause diagnosis.Cause, o strictyaml.Object) ExpectedFinding {
	f := ExpectedFinding{Code: cause.Code}
	o.With("confidence", func(v strictyaml.Value) {
		confidence, ok := v.OneOf("confidence", string(diagnosis.Certain), string(diagnosis.Likely), string(diagnosis.Possible))
		f.Confidence = diagnosis.Confidence(confidence)
		if ok && !slices.Contains(cause.Confidences, f.Confidence) {
			v.Fail("%s: %s is never %s, only %s", v.Path(), cause.Code, confidence, hint.List(texts(cause.Confidences)))
		}
	})
	o.With("severity", func(v strictyaml.Value) {
		severity, ok := v.OneOf("severity", string(diagnosis.Blocking), string(diagnosis.Degrading), string(diagnosis.Notice))
		f.Severity = diagnosis.Severity(severity)
		if ok && f.Severity != cause.Severity {
			v.Fail("%s: %s is always %s, never %s", v.Path(), cause.Code, cause.Severity, severity)
		}
	})
	o.With("variant", func(v strictyaml.Value) {
		if len(cause.Variants) == 0 {
			v.Fail("%s: %s has no variants", v.Path(), cause.Code)
			return
		}
		f.Variant, _ = v.OneOf("variant of "+string(cause.Code), cause.Variants...)
	})
	return f
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, item := range list {
		out[i] = string(item)
	}
	return out
}

func causeCodes() []string {
	var codes []string
	for _, c := range diagnosis.Causes() {
		codes = append(codes, string(c.Code))
	}
	return codes
}

// verdictFits finds an expectation that no report can meet.
func (p *scenarioParser) verdictFits(line int) {
	worst := diagnosis.Notice
	for _, f := range p.s.Expect.Findings {
		cause, _ := diagnosis.Lookup(f.Code)
		if cause.Severity == diagnosis.Blocking || worst == diagnosis.Notice {
			worst = cause.Severity
		}
	}
	want := map[diagnosis.Severity]diagnosis.Verdict{
		diagnosis.Blocking: diagnosis.Blocked, diagnosis.Degrading: diagnosis.Degraded,
	}[worst]
	switch verdict := p.s.Expect.Verdict; {
	case verdict == "" || !p.Clean():
	case want == "" && p.s.Expect.Only && (verdict == diagnosis.Blocked || verdict == diagnosis.Degraded):
		p.Fail(line, "expect: the verdict %s needs a finding that is not a notice", verdict)
	case want != "" && verdict != want && verdict != diagnosis.Blocked:
		p.Fail(line, "expect: a %s finding makes the verdict %s, never %s", worst, want, verdict)
	}
}

// worstIsFirst finds an order that no report has: the finding that is expected
// first is the one that must be named first, and notices are named last.
func (p *scenarioParser) worstIsFirst(line int) {
	if !p.Clean() || len(p.s.Expect.Findings) == 0 {
		return
	}
	first := p.s.Expect.Findings[0].Code
	if !isNotice(first) {
		return
	}
	for _, f := range p.s.Expect.Findings {
		if !isNotice(f.Code) {
			p.Fail(line, "expect.findings: %s is named before %s, which is a notice; write it first", f.Code, first)
			return
		}
	}
}

func isNotice(code diagnosis.Code) bool {
	cause, _ := diagnosis.Lookup(code)
	return cause.Severity == diagnosis.Notice
}

// faultsAreExpected finds faults whose cause the diagnostic need not name for
// the scenario to pass: then the scenario would not notice that it does not.
func (p *scenarioParser) faultsAreExpected() {
	if !p.Clean() {
		return
	}
	for i, fault := range p.s.Faults {
		if fault.Gives != "" && !p.s.Expect.accountsFor(fault.Gives) {
			p.at[i].Fail("%s: the fault %s gives %s, which is not expected", p.at[i].Path(), fault.Code, fault.Gives)
		}
	}
}

// accountsFor reports whether the cause is expected, or hidden as a symptom of
// one that is.
func (e Expectation) accountsFor(code diagnosis.Code) bool {
	cause, _ := diagnosis.Lookup(code)
	return e.names(code) || slices.ContainsFunc(cause.DependsOn, e.names)
}
