package probe

import (
	"slices"

	"checkoutdoctor/wasm/diagnosis"
)

func (p *scenarioParser) expect(v value) {
	o, ok := v.object("verdict", "findings", "notChecked", "signals", "only", "paid")
	if !ok {
		return
	}
	if _, ok := o["verdict"]; !ok {
		p.fail(p.s.Expect.Line, "expect.verdict is missing")
	}
	o.with("verdict", func(v value) {
		verdict, _ := v.oneOf("verdict", string(diagnosis.Blocked), string(diagnosis.Degraded),
			string(diagnosis.Clear), string(diagnosis.Inconclusive))
		p.s.Expect.Verdict = diagnosis.Verdict(verdict)
	})
	o.with("findings", p.findings)
	o.with("notChecked", p.notChecked)
	o.with("signals", p.signals)
	o.with("only", func(v value) { p.s.Expect.Only, _ = v.boolean() })
	o.with("paid", func(v value) {
		if paid, ok := v.boolean(); ok {
			p.s.Expect.Paid = &paid
		}
	})
	p.verdictFits(o.lineOr("verdict", p.s.Expect.Line))
	p.worstIsFirst(o.lineOr("findings", p.s.Expect.Line))
}

func (p *scenarioParser) findings(v value) {
	for _, item := range v.list() {
		p.finding(item)
	}
}

func (p *scenarioParser) finding(v value) {
	o, ok := v.object("code", "confidence", "severity", "variant")
	if !ok {
		return
	}
	if _, ok := o["code"]; !ok {
		v.fail("%s.code is missing", v.path)
		return
	}
	o.with("code", func(v value) {
		code, ok := v.oneOf("cause", causeCodes()...)
		if !ok {
			return
		}
		cause, _ := diagnosis.Lookup(diagnosis.Code(code))
		if slices.ContainsFunc(p.s.Expect.Findings, func(f ExpectedFinding) bool { return f.Code == cause.Code }) {
			v.fail("%s: the cause %s is given twice", v.path, code)
			return
		}
		p.s.Expect.Findings = append(p.s.Expect.Findings, expectedFinding(cause, o))
	})
}

// notChecked reads the causes that cannot be decided, and so cannot be found.
func (p *scenarioParser) notChecked(v value) {
	for _, item := range v.list() {
		text, ok := item.oneOf("cause", causeCodes()...)
		code := diagnosis.Code(text)
		switch {
		case !ok:
		case slices.Contains(p.s.Expect.NotChecked, code):
			item.fail("%s: the cause %s is given twice", item.path, code)
		case p.s.Expect.names(code):
			item.fail("%s: the cause %s is expected to be found", item.path, code)
		default:
			p.s.Expect.NotChecked = append(p.s.Expect.NotChecked, code)
		}
	}
}

// signals reads those of a VPN that must be seen. That the list is there says
// that there are no others, so that an empty one is not none.
func (p *scenarioParser) signals(v value) {
	var known []string
	for _, s := range diagnosis.Signals() {
		known = append(known, s.Name)
	}
	p.s.Expect.Signals = []string{}
	for _, item := range v.list() {
		name, ok := item.oneOf("signal", known...)
		switch {
		case !ok:
		case slices.Contains(p.s.Expect.Signals, name):
			item.fail("%s: the signal %s is given twice", item.path, name)
		default:
			p.s.Expect.Signals = append(p.s.Expect.Signals, name)
		}
	}
}

// expectedFinding reads what else must be so of a finding. What its cause
// cannot have is a mistake in the file.
func expectedFinding(cause diagnosis.Cause, o object) ExpectedFinding {
	f := ExpectedFinding{Code: cause.Code}
	o.with("confidence", func(v value) {
		confidence, ok := v.oneOf("confidence", string(diagnosis.Certain), string(diagnosis.Likely), string(diagnosis.Possible))
		f.Confidence = diagnosis.Confidence(confidence)
		if ok && !slices.Contains(cause.Confidences, f.Confidence) {
			v.fail("%s: %s is never %s, only %s", v.path, cause.Code, confidence, orList(texts(cause.Confidences)))
		}
	})
	o.with("severity", func(v value) {
		severity, ok := v.oneOf("severity", string(diagnosis.Blocking), string(diagnosis.Degrading), string(diagnosis.Notice))
		f.Severity = diagnosis.Severity(severity)
		if ok && f.Severity != cause.Severity {
			v.fail("%s: %s is always %s, never %s", v.path, cause.Code, cause.Severity, severity)
		}
	})
	o.with("variant", func(v value) {
		if len(cause.Variants) == 0 {
			v.fail("%s: %s has no variants", v.path, cause.Code)
			return
		}
		f.Variant, _ = v.oneOf("variant of "+string(cause.Code), cause.Variants...)
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
	case verdict == "" || !p.clean():
	case want == "" && p.s.Expect.Only && (verdict == diagnosis.Blocked || verdict == diagnosis.Degraded):
		p.fail(line, "expect: the verdict %s needs a finding that is not a notice", verdict)
	case want != "" && verdict != want && verdict != diagnosis.Blocked:
		p.fail(line, "expect: a %s finding makes the verdict %s, never %s", worst, want, verdict)
	}
}

// worstIsFirst finds an order that no report has: the finding that is expected
// first is the one that must be named first, and notices are named last.
func (p *scenarioParser) worstIsFirst(line int) {
	if !p.clean() || len(p.s.Expect.Findings) == 0 {
		return
	}
	first := p.s.Expect.Findings[0].Code
	if !isNotice(first) {
		return
	}
	for _, f := range p.s.Expect.Findings {
		if !isNotice(f.Code) {
			p.fail(line, "expect.findings: %s is named before %s, which is a notice; write it first", f.Code, first)
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
	if !p.clean() {
		return
	}
	for i, fault := range p.s.Faults {
		if fault.Gives != "" && !p.s.Expect.accountsFor(fault.Gives) {
			p.at[i].fail("%s: the fault %s gives %s, which is not expected", p.at[i].path, fault.Code, fault.Gives)
		}
	}
}

// accountsFor reports whether the cause is expected, or hidden as a symptom of
// one that is.
func (e Expectation) accountsFor(code diagnosis.Code) bool {
	cause, _ := diagnosis.Lookup(code)
	return e.names(code) || slices.ContainsFunc(cause.DependsOn, e.names)
}
