package probe

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"checkoutdoctor/probe/hint"
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
)

// A Regression is a report as a test that its failure stays known: the facts,
// and a scenario that says what must be made of them.
type Regression struct {
	Scenario []byte         // a scenario file
	Fixture  *report.Report // what the browser established, for a native replay
	// Unmatched are the findings, or checks that failed, that none of the scenarios
	// shows how to cause: then the scenario can be replayed, and not be run.
	Unmatched []diagnosis.Code
}

// NewRegression makes a test of the report. The file's name becomes the
// scenario's, title says in a line what it is about. How each finding is caused
// is taken from the scenarios in like; known are the faults that there are.
//
// A report is refused of which a test would show nothing: one of a run that looked
// at nothing, or whose findings rest on facts that the user left out.
func NewRegression(file, title string, r *report.Report, like []Scenario, known []Fault) (*Regression, error) {
	if report.LookedAtNothing(r) {
		return nil, fmt.Errorf("%w: the module could not run, and nothing was looked at", ErrNothingToTest)
	}
	m := regressionMaker{today: report.Replay(anonymous(r)), like: like}
	if err := m.judged(); err != nil {
		return nil, err
	}
	m.begin(title)
	m.cause()
	text, err := m.checked(file, known)
	if err != nil {
		m.uncaused()
		text, err = m.checked(file, known)
	}
	if err != nil {
		return nil, fmt.Errorf("make a scenario of the report: %w", err)
	}
	return &Regression{Scenario: text, Fixture: m.today, Unmatched: m.unmatched}, nil
}

// ErrNothingToTest says that the report's facts do not bear what it says.
var ErrNothingToTest = errors.New("make a scenario of the report")

// judged refuses findings that the facts do not show without those that were left
// out: a test of them would pass whatever the diagnosis became.
func (m *regressionMaker) judged() error {
	for _, open := range report.Unjudged(m.today) {
		found := slices.ContainsFunc(m.today.Findings, func(f diagnosis.Finding) bool { return f.Code == open.Code })
		hidden := slices.ContainsFunc(m.today.Hidden, func(h diagnosis.Hidden) bool { return h.Code == open.Code })
		if found || hidden {
			return fmt.Errorf("%w: %s rests on what the user left out: %s", ErrNothingToTest, open.Code, strings.Join(texts(open.Without), ", "))
		}
	}
	return nil
}

// noID is the identity of a report that is a fixture.
const noID = "0000000000000000"

// anonymous returns the report without what leads to the person who sent it:
// support's case number, and the number by which support knows the report.
func anonymous(r *report.Report) *report.Report {
	out := *r
	out.ID, out.Case = noID, ""
	return &out
}

// scenarioFile is a scenario as a file has it.
type scenarioFile struct {
	Name    string              `yaml:"name"`
	Tags    []string            `yaml:"tags,flow"`
	Mode    Mode                `yaml:"mode,omitempty"`
	Card    string              `yaml:"card,omitempty"`
	Profile map[string]string   `yaml:"profile,omitempty"`
	Tabs    int                 `yaml:"tabs,omitempty"`
	Warm    bool                `yaml:"warm,omitempty"`
	Faults  []map[string]string `yaml:"faults,omitempty,flow"`
	Expect  expectationFile     `yaml:"expect"`
	Timeout string              `yaml:"timeout,omitempty"`
}

type expectationFile struct {
	Verdict    diagnosis.Verdict `yaml:"verdict"`
	Findings   []findingFile     `yaml:"findings,omitempty"`
	NotChecked []diagnosis.Code  `yaml:"notChecked,omitempty,flow"`
	Signals    []string          `yaml:"signals,omitempty,flow"`
}

type findingFile struct {
	Code       diagnosis.Code       `yaml:"code"`
	Severity   diagnosis.Severity   `yaml:"severity"`
	Confidence diagnosis.Confidence `yaml:"confidence"`
	Variant    string               `yaml:"variant,omitempty"`
}

// regressionMaker fills the file in.
type regressionMaker struct {
	today     *report.Report
	like      []Scenario
	file      scenarioFile
	unmatched []diagnosis.Code
}

// begin says what is expected, which is what today's diagnosis makes of the facts.
func (m *regressionMaker) begin(title string) {
	m.file = scenarioFile{Name: title, Tags: m.tags(), Expect: expectationFile{Verdict: m.today.Verdict, Signals: m.today.Signals}}
	if mode := m.mode(); mode != Embed {
		m.file.Mode = mode
	}
	for _, f := range m.today.Findings {
		m.file.Expect.Findings = append(m.file.Expect.Findings,
			findingFile{Code: f.Code, Severity: f.Severity, Confidence: f.Confidence, Variant: f.Variant})
	}
	if m.today.Verdict == diagnosis.Inconclusive {
		m.file.Expect.NotChecked = failedChecks(m.today.NotChecked)
	}
}

// mode returns the mode that the scenario has: what no scenario has stands for
// the diagnostic in a payment page.
func (m *regressionMaker) mode() Mode {
	if mode := Mode(m.today.Mode); mode == Link || mode == Watch {
		return mode
	}
	return Embed
}

// tags are the families of the findings, and the mode where it is not the usual
// one.
func (m *regressionMaker) tags() []string {
	var tags []string
	for _, f := range m.today.Findings {
		tags = append(tags, f.Code.Family())
	}
	if mode := string(m.mode()); mode != string(Embed) {
		tags = append(tags, mode)
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

// failedChecks are the causes that were not checked although somebody asked,
// which is what makes a verdict inconclusive.
func failedChecks(list []diagnosis.NotChecked) []diagnosis.Code {
	var codes []diagnosis.Code
	for _, n := range list {
		if _, ok := diagnosis.Lookup(n.Code); ok && !n.Reason.Harmless() {
			codes = append(codes, n.Code)
		}
	}
	return codes
}

// cause says how a browser is brought into what was found.
func (m *regressionMaker) cause() {
	m.place()
	for i, f := range m.today.Findings {
		if f.Code.Family() == "vpn" || f.Code == nothingFound {
			continue // by where the user is; by nothing
		}
		s, ok := m.closest(f)
		if !ok {
			m.unmatched = append(m.unmatched, f.Code)
			continue
		}
		m.take(s, i == 0)
	}
	m.uncheck()
}

// uncheck names the checks that nothing of the scenario keeps from being made.
func (m *regressionMaker) uncheck() {
	if len(m.file.Faults) == 0 {
		m.unmatched = append(m.unmatched, m.file.Expect.NotChecked...)
	}
}

// nothingFound is the finding of a clear verdict.
const nothingFound diagnosis.Code = "payment.nothing-found"

// place emulates where the user is, where the diagnosis made something of it: as
// in a scenario in which the same signals are seen, or as the user's address and
// clock are.
func (m *regressionMaker) place() {
	if len(m.today.Signals) == 0 {
		return
	}
	for _, s := range m.like {
		if s.Mode == m.mode() && sameWords(s.Expect.Signals, m.today.Signals) && s.fits("vpn", m.today) {
			m.take(s, false)
			m.placed(map[string]string{"timeZone": s.TimeZone, "country": s.Country, "addressKind": string(s.AddressKind), "locale": s.Locale})
			return
		}
	}
	own := make(map[string]string)
	for key, fact := range map[string]facts.StringKey{"timeZone": facts.TimeZone, "country": facts.AddressCountry, "addressKind": facts.AddressKind} {
		own[key], _ = m.today.Facts.String(fact)
	}
	if languages, _ := m.today.Facts.List(facts.Languages); len(languages) > 0 {
		own["locale"] = languages[0]
	}
	m.placed(own)
}

func (m *regressionMaker) placed(settings map[string]string) {
	for key, value := range settings {
		if value != "" {
			m.profile(key, value)
		}
	}
}

func sameWords(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// fits reports whether the scenario expects what the report has of the
// family, and nothing that the report does not have.
func (s *Scenario) fits(family string, r *report.Report) bool {
	var found, wanted []string
	for _, f := range r.Findings {
		if f.Code.Family() == family {
			found = append(found, string(f.Code))
		}
	}
	for _, f := range s.Expect.Findings {
		if f.Code.Family() == family {
			wanted = append(wanted, string(f.Code))
		} else if !slices.ContainsFunc(r.Findings, func(got diagnosis.Finding) bool { return got.Code == f.Code }) {
			return false
		}
	}
	return sameWords(found, wanted)
}

func (m *regressionMaker) profile(key, value string) {
	if m.file.Profile == nil {
		m.file.Profile = make(map[string]string)
	}
	m.file.Profile[key] = value
}

// closest returns the scenario of the mode that expects the finding, and as
// little beside as can be. One that names the finding's variant comes first.
func (m *regressionMaker) closest(f diagnosis.Finding) (best Scenario, ok bool) {
	least := 0
	for _, s := range m.like {
		i := slices.IndexFunc(s.Expect.Findings, func(want ExpectedFinding) bool {
			return want.Code == f.Code && (want.Variant == "" || want.Variant == f.Variant) &&
				(want.Confidence == "" || want.Confidence == f.Confidence)
		})
		if i < 0 || s.Mode != m.mode() {
			continue
		}
		distance := 3 * (len(s.Expect.Findings) + len(s.Faults))
		if s.Expect.Findings[i].Variant != f.Variant {
			distance++
		}
		if !strings.HasSuffix(string(f.Code), "."+s.Base()) {
			distance++ // a scenario that is called as the cause is its plainest
		}
		if !ok || distance < least {
			best, least, ok = s, distance, true
		}
	}
	return best, ok
}

// take adds what the scenario does to the browser; first is of the finding that
// is named first, whose visits and card are taken too.
func (m *regressionMaker) take(s Scenario, first bool) {
	for _, f := range s.Faults {
		fault := map[string]string{string(f.Place): f.Code}
		if !slices.ContainsFunc(m.file.Faults, func(has map[string]string) bool { return has[string(f.Place)] == f.Code }) {
			m.file.Faults = append(m.file.Faults, fault)
		}
	}
	for _, setting := range []struct{ key, value, usual string }{
		{"thirdPartyCookies", s.Profile.ThirdPartyCookies, "allow"}, {"cookies", s.Profile.Cookies, "allow"},
		{"localNetwork", s.Profile.LocalNetwork, "allow"}, {"tunnel", s.Profile.Tunnel, ""},
	} {
		if setting.value != setting.usual {
			m.profile(setting.key, setting.value)
		}
	}
	if first {
		m.file.Warm = s.Warm
		if s.Tabs > 1 {
			m.file.Tabs = s.Tabs
		}
		if s.Card != DefaultCard {
			m.file.Card = s.Card
		}
	}
	if limit, _ := time.ParseDuration(m.file.Timeout); s.Timeout > max(limit, DefaultTimeout) {
		m.file.Timeout = s.Timeout.String()
	}
}

// uncaused takes out how the findings are caused, where that makes no scenario.
func (m *regressionMaker) uncaused() {
	m.file.Card, m.file.Profile, m.file.Tabs, m.file.Warm, m.file.Faults, m.file.Timeout = "", nil, 0, false, nil, ""
	m.unmatched = nil
	for _, f := range m.today.Findings {
		if f.Code != nothingFound {
			m.unmatched = append(m.unmatched, f.Code)
		}
	}
	m.uncheck()
}

// checked writes the file, and reads it again as the probe does.
func (m *regressionMaker) checked(file string, known []Fault) ([]byte, error) {
	var text bytes.Buffer
	fmt.Fprintf(&text, "# A report of module %q, %s mode: its facts are beside this file.\n", hint.Shorten(m.today.Module), m.mode())
	if len(m.today.Withheld) > 0 {
		fmt.Fprintf(&text, "# The user left out of it: %s.\n", strings.Join(m.today.Withheld, ", "))
	}
	if len(m.unmatched) > 0 {
		fmt.Fprintf(&text, "# It can be replayed, but not run: no scenario shows how to cause %s.\n", strings.Join(texts(m.unmatched), ", "))
	}
	body, err := yaml.MarshalWithOptions(m.file, yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("write the scenario: %w", err)
	}
	text.Write(body)
	scenarios, err := Parse(file, text.Bytes(), known)
	if err != nil {
		return nil, err
	}
	if problems := scenarios[0].Expect.Check(m.today, nil); len(problems) > 0 {
		return nil, errors.New(problems[0].Text)
	}
	return text.Bytes(), nil
}
