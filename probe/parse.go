package probe

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones are checked where no tzdata is installed too

	"checkoutdoctor/wasm/diagnosis"
)

// Load reads every scenario file (*.yaml) below fsys, in the order of their
// names. Messages name a file as prefix and its path. The error joins a
// *FileError for each file that is wrong.
func Load(fsys fs.FS, prefix string, known []Fault) ([]Scenario, error) {
	var all []Scenario
	var errs []error
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		s, err := loadFrom(fsys, name, path.Join(prefix, name), known)
		if err != nil {
			errs = append(errs, err)
			return nil
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the scenarios: %w", err)
	}
	return all, errors.Join(errs...)
}

func loadFrom(fsys fs.FS, name, shown string, known []Fault) (Scenario, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return Scenario{}, fmt.Errorf("read the scenario %s: %w", shown, err)
	}
	defer f.Close()
	source, err := io.ReadAll(io.LimitReader(f, MaxFileBytes+1))
	if err != nil {
		return Scenario{}, fmt.Errorf("read the scenario %s: %w", shown, err)
	}
	return Parse(shown, source, known)
}

// Parse reads one scenario. The file's name gives the scenario its ID; known
// are the faults that it may name. The error is a *FileError.
func Parse(file string, source []byte, known []Fault) (Scenario, error) {
	p := scenarioParser{
		known: known,
		s: Scenario{
			ID: idOf(file), File: file, Mode: Embed, Card: DefaultCard, Timeout: DefaultTimeout, Blocking: true,
			Profile: Profile{ThirdPartyCookies: "allow", Cookies: "allow"},
		},
	}
	if doc, ok := p.document(source); ok {
		p.scenario(doc)
	}
	if err := p.err(file); err != nil {
		return Scenario{}, err
	}
	return p.s, nil
}

// idOf makes FAMILY/NAME of a file's path.
func idOf(file string) string {
	file = filepath.ToSlash(file)
	name := strings.TrimSuffix(path.Base(file), path.Ext(file))
	family := path.Base(path.Dir(file))
	if family == "." || family == "/" || family == ".." {
		family = "scenarios"
	}
	return family + "/" + name
}

// scenarioParser turns the YAML of one file into s.
type scenarioParser struct {
	reader
	known []Fault
	s     Scenario
	at    []value // where each fault of s stands
}

func (p *scenarioParser) scenario(doc value) {
	o, ok := doc.object("name", "tags", "mode", "card", "profile", "faults", "expect", "timeout", "blocking")
	if !ok {
		return
	}
	for _, key := range []string{"name", "expect"} {
		if _, ok := o[key]; !ok {
			p.fail(doc.line(), "%s is missing", key)
		}
	}
	o.with("name", func(v value) { p.s.Name, _ = v.text() })
	o.with("tags", p.tags)
	o.with("mode", func(v value) {
		if mode, ok := v.oneOf("mode", string(Embed), string(Link)); ok {
			p.s.Mode = Mode(mode)
		}
	})
	o.with("card", p.card)
	o.with("profile", p.profile)
	o.with("faults", p.faults)
	p.s.Expect = Expectation{Only: true, Line: o.lineOr("expect", 1)}
	o.with("expect", p.expect)
	o.with("timeout", p.timeout)
	o.with("blocking", func(v value) { p.s.Blocking, _ = v.boolean() })
	p.linkHasNoPayment(o)
	p.faultsAreExpected()
}

func (p *scenarioParser) tags(v value) {
	for _, item := range v.list() {
		tag, ok := item.oneOf("tag", Tags()...)
		switch {
		case !ok:
		case slices.Contains(p.s.Tags, tag):
			item.fail("%s: the tag %s is given twice", item.path, tag)
		default:
			p.s.Tags = append(p.s.Tags, tag)
		}
	}
}

// cardPattern: the last four digits choose version, method, ARes and challenge.
var cardPattern = regexp.MustCompile(`^[0-9]{9,15}[1-3][01][0-7][01]$`)

func (p *scenarioParser) card(v value) {
	card, ok := v.textLike("digits in quotes")
	if ok && !cardPattern.MatchString(card) {
		v.fail("card: %s is no card of the lab: want 13 to 19 digits, the last four choosing version 1-3, method 0-1, answer 0-7, challenge 0-1",
			shorten(card))
		return
	}
	p.s.Card = card
}

func (p *scenarioParser) profile(v value) {
	o, ok := v.object("thirdPartyCookies", "cookies", "popups", "extensions", "timeZone", "locale")
	if !ok {
		return
	}
	for key, setting := range map[string]*string{
		"thirdPartyCookies": &p.s.Profile.ThirdPartyCookies,
		"cookies":           &p.s.Profile.Cookies,
	} {
		o.with(key, func(v value) {
			if s, ok := v.oneOf("value", "allow", "block"); ok {
				*setting = s
			}
		})
	}
	// The browser's own rule, that a window needs a gesture, is all there is: no
	// setting refuses one within. A fault does, by an extension.
	o.with("popups", func(v value) { v.oneOf("value", "allow") })
	o.with("extensions", p.extensions)
	o.with("timeZone", p.timeZone)
	o.with("locale", p.locale)
}

func (p *scenarioParser) extensions(v value) {
	var names []string
	for _, f := range p.known {
		if f.Extension != "" {
			names = append(names, f.Extension)
		}
	}
	for _, item := range v.list() {
		if name, ok := item.oneOf("extension", names...); ok {
			p.addExtension(item, name)
		}
	}
}

func (p *scenarioParser) addExtension(v value, name string) {
	if slices.Contains(p.s.Profile.Extensions, name) {
		v.fail("%s: the extension %s is given twice", v.path, name)
		return
	}
	p.s.Profile.Extensions = append(p.s.Profile.Extensions, name)
}

func (p *scenarioParser) timeZone(v value) {
	zone, ok := v.text()
	if !ok {
		return
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		v.fail("%s: unknown time zone %s; want an IANA name such as Europe/Stockholm", v.path, shorten(zone))
		return
	}
	p.s.TimeZone = zone
}

// localePattern follows BCP 47 as far as browsers' locales need it.
var localePattern = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

func (p *scenarioParser) locale(v value) {
	locale, ok := v.text()
	if ok && !localePattern.MatchString(locale) {
		v.fail("%s: %s is no locale; want a BCP 47 name such as sv-SE", v.path, shorten(locale))
		return
	}
	p.s.Locale = locale
}

func (p *scenarioParser) faults(v value) {
	for _, item := range v.list() {
		p.fault(item)
	}
}

func (p *scenarioParser) fault(v value) {
	places := []Place{InLab, InNetwork, InBrowser}
	o, ok := v.object(string(InLab), string(InNetwork), string(InBrowser))
	if !ok {
		return
	}
	if len(o) != 1 {
		if p.clean() {
			v.fail("%s: want one of lab, network or browser, found %d", v.path, len(o))
		}
		return
	}
	for _, place := range places {
		o.with(string(place), func(v value) { p.faultCode(place, v) })
	}
}

// clean reports that nothing was found wrong so far, so that one mistake is
// not reported twice.
func (p *scenarioParser) clean() bool { return len(p.problems) == 0 }

func (p *scenarioParser) faultCode(place Place, v value) {
	code, ok := v.oneOf(string(place)+" fault", p.faultCodes(place)...)
	if !ok {
		return
	}
	i := slices.IndexFunc(p.known, func(f Fault) bool { return f.Place == place && f.Code == code })
	fault := p.known[i]
	switch {
	case slices.Contains(p.s.Faults, fault):
		v.fail("%s: the fault %s is given twice", v.path, code)
		return
	case place == InNetwork && len(p.s.codes(InNetwork)) > 0:
		v.fail("%s: a scenario has one network fault at most", v.path)
		return
	}
	p.s.Faults = append(p.s.Faults, fault)
	p.at = append(p.at, v)
	if fault.Extension != "" {
		p.addExtension(v, fault.Extension)
	}
}

func (p *scenarioParser) faultCodes(place Place) []string {
	var codes []string
	for _, f := range p.known {
		if f.Place == place {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

func (p *scenarioParser) timeout(v value) {
	text, ok := v.textLike("a duration such as 20s")
	if !ok {
		return
	}
	limit, err := time.ParseDuration(text)
	switch {
	case err != nil:
		v.fail("timeout: %s is no duration; want a number and a unit, such as 20s", shorten(text))
	case limit < MinTimeout || limit > MaxTimeout:
		v.fail("timeout: %s is out of range; want %s to %s", text, MinTimeout, MaxTimeout)
	default:
		p.s.Timeout = limit
	}
}

func (p *scenarioParser) expect(v value) {
	o, ok := v.object("verdict", "findings", "only", "paid")
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
	o, ok := v.object("code", "confidence", "severity")
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

// linkHasNoPayment finds what makes no sense on the page of a link, where
// nothing is paid and no challenge is opened.
func (p *scenarioParser) linkHasNoPayment(o object) {
	if p.s.Mode != Link {
		return
	}
	if f, ok := o["card"]; ok {
		p.fail(f.keyLine, "card: in link mode nothing is paid")
	}
	if p.s.Expect.Paid != nil {
		p.fail(p.s.Expect.Line, "expect.paid: in link mode nothing is paid")
	}
	for _, f := range p.s.Faults {
		if f.Place != InBrowser {
			p.fail(o.lineOr("faults", 1), "faults: the %s fault %s needs mode embed: a link's page opens no checkout", f.Place, f.Code)
		}
	}
}
