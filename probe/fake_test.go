package probe_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web/vantage"
)

// The fakes below stand in for a browser where a test is about the order, the
// limits and the end of runs. What browsers do is tested in real ones.

// engine is a launcher of fake browsers. Its hooks may be nil.
type engine struct {
	missing error
	launch  func(context.Context, probe.Profile) error
	// pay is called when the payment of the page with the URL is tried.
	pay func(ctx context.Context, url string) error
	// truth is what the browser says of a page, or nothing.
	truth func() probe.Truth

	mu       sync.Mutex
	launched []string // by profile, in order
	open     int      // browsers that run
	most     int      // that ran at once
	pages    int      // contexts that are open
	contexts []probe.ContextOptions
}

func (e *engine) Engine(context.Context) (string, error) { return "Fake 1.0", e.missing }

func (e *engine) Launch(ctx context.Context, p probe.Profile) (probe.Browser, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.launch != nil {
		if err := e.launch(ctx, p); err != nil {
			return nil, err
		}
	}
	e.launched = append(e.launched, strings.Join(append([]string{p.ThirdPartyCookies, p.Cookies}, p.Extensions...), " "))
	e.open++
	e.most = max(e.most, e.open)
	return &fakeBrowser{engine: e}, nil
}

type fakeBrowser struct {
	engine *engine
	closed bool
	dead   bool
}

func (b *fakeBrowser) NewContext(_ context.Context, o probe.ContextOptions) (probe.Page, error) {
	b.engine.mu.Lock()
	defer b.engine.mu.Unlock()
	if b.dead {
		return nil, probe.ErrBrowserGone
	}
	b.engine.pages++
	b.engine.contexts = append(b.engine.contexts, o)
	return &fakePage{browser: b, options: o}, nil
}

func (b *fakeBrowser) Close() error {
	b.engine.mu.Lock()
	defer b.engine.mu.Unlock()
	if b.closed {
		return errors.New("closed twice")
	}
	b.closed = true
	b.engine.open--
	return nil
}

// fakePage pays and diagnoses as the lab's pages do, at once.
type fakePage struct {
	browser *fakeBrowser
	options probe.ContextOptions
	url     string
	paid    string
	closed  bool
}

func (p *fakePage) Open(_ context.Context, url string) error {
	p.url = url
	return nil
}

func (p *fakePage) OpenBeside(context.Context, string) error { return nil }

func (p *fakePage) Eval(ctx context.Context, js string, out any) error {
	switch {
	case strings.HasPrefix(js, "document.documentElement.dataset.paymentFrame"):
		*out.(*string) = ""
	case strings.HasPrefix(js, "document.documentElement.dataset.state"):
		*out.(*string) = p.paid
	case strings.HasPrefix(js, "!!"): // whether a repair asks for consent
		*out.(*bool) = false
	case strings.Contains(js, "getBoundingClientRect"):
		*out.(**struct{ X, Y float64 }) = &struct{ X, Y float64 }{10, 10}
	case strings.HasPrefix(js, "JSON.stringify"):
		*out.(*string) = string(p.report())
	default:
		return fmt.Errorf("the fake page knows nothing of %s", js)
	}
	return nil
}

// report is that of a browser without faults, or, where the page's address
// asks for acs-hang, of an issuer that hangs.
func (p *fakePage) report() []byte {
	var s facts.Set
	if strings.Contains(p.url, "acs-hang") {
		s.PutInt(facts.FrameLoads, 0, "frame")
		s.PutString(facts.FrameAccess, "blank", "frame")
		s.PutString(facts.ACSObject, "timed-out", "acs")
		s.PutString(facts.ACSPrefetch, "timed-out", "acs")
	}
	r := &report.Report{Schema: report.Schema, ID: "1", GeneratedAt: "2026-01-01T00:00:00Z", Module: "test", Mode: "embed",
		Result: diagnosis.Judge(&s), Facts: &s}
	text, err := report.Encode(r)
	if err != nil {
		panic(err)
	}
	return text
}

func (p *fakePage) Until(context.Context, string) error { return nil }

func (p *fakePage) Click(ctx context.Context, css string) error {
	p.paid = "paid"
	if strings.Contains(p.url, "fault=") {
		p.paid = "failed"
	}
	if p.browser.engine.pay == nil {
		return nil
	}
	err := p.browser.engine.pay(ctx, p.url)
	if errors.Is(err, probe.ErrBrowserGone) {
		p.browser.engine.mu.Lock()
		p.browser.dead = true
		p.browser.engine.mu.Unlock()
	}
	return err
}

func (p *fakePage) ClickAt(context.Context, float64, float64) error { return nil }
func (p *fakePage) Hover(context.Context, string) error             { return nil }
func (p *fakePage) Back(context.Context) error                      { return nil }
func (p *fakePage) Top() probe.Frame                                { return fakeTop{} }
func (p *fakePage) Frames(context.Context) ([]probe.Frame, error)   { return nil, nil }
func (p *fakePage) Windows(context.Context) ([]probe.Frame, error)  { return nil, nil }
func (p *fakePage) SetOffline(context.Context, bool) error          { return nil }
func (p *fakePage) SwitchTunnel(string, bool) error                 { return nil }
func (p *fakePage) Screenshot(ctx context.Context) ([]byte, error)  { return []byte("png"), ctx.Err() }

func (p *fakePage) Truth() probe.Truth {
	if p.browser.engine.truth == nil {
		return probe.Truth{}
	}
	return p.browser.engine.truth()
}

func (p *fakePage) Forget() {}

func (p *fakePage) Log() probe.Log {
	return probe.Log{Console: []probe.LogLine{{At: 1500 * time.Millisecond, Text: "info: <b>hello</b>"}}}
}

func (p *fakePage) Close() error {
	p.browser.engine.mu.Lock()
	defer p.browser.engine.mu.Unlock()
	if p.closed {
		return errors.New("closed twice")
	}
	p.closed = true
	p.browser.engine.pages--
	return nil
}

// fakeTop is a tab that shows no page of the issuer's.
type fakeTop struct{ probe.Frame }

func (fakeTop) URL() string { return "https://pay.merchant.test/" }

// fakeLab has addresses and nothing behind them.
type fakeLab struct{}

func (fakeLab) PayURLFrom(there vantage.Place, card string, faults []string) string {
	url := "https://pay.merchant.test/?card=" + card + there.Country
	if len(faults) > 0 {
		url += "&fault=" + strings.Join(faults, ",")
	}
	return url
}

func (fakeLab) LinkURLFrom(vantage.Place) string { return "https://doctor.diag.test/" }

func (fakeLab) Origins() probe.Origins {
	return probe.Origins{
		Merchant: "https://pay.merchant.test", ThreeDSServer: "https://tds.gateway.test", ACS: "https://acs.issuer.test",
		ACS2: "https://acs2.redirect.test", Diag: "https://doctor.diag.test", Helper: "https://echo.helper.test",
	}
}

// fakeNetwork counts the proxies that run.
type fakeNetwork struct {
	mu   sync.Mutex
	open int
	seen []string
}

func (n *fakeNetwork) Proxy(_ context.Context, fault string) (probe.Proxy, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open++
	n.seen = append(n.seen, fault)
	return n, nil
}

func (n *fakeNetwork) URL() string { return "http://127.0.0.1:1" }

func (n *fakeNetwork) Switch(on bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen = append(n.seen, fmt.Sprintf("on %t", on))
}

func (n *fakeNetwork) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open--
	return nil
}

// notes is a reporter that remembers the order of things.
type notes struct {
	mu    sync.Mutex
	lines []string
}

func (n *notes) note(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

func (n *notes) Started(engine string, scenarios []probe.Scenario, workers int) {
	n.note("started %s %d %d", engine, len(scenarios), workers)
}
func (n *notes) ScenarioStarted(s *probe.Scenario) { n.note("run %s", s.Base()) }
func (n *notes) ScenarioEnded(r *probe.Result)     { n.note("%s %s", r.Base(), r.Status) }
func (n *notes) Ended(o *probe.Outcome)            { n.note("ended %d", o.ExitCode()) }

// fixture is a runner over fakes.
type fixture struct {
	engine  engine
	network fakeNetwork
	notes   notes
	runner  probe.Runner
}

func newFixture(t *testing.T) *fixture {
	f := &fixture{}
	f.runner = probe.Runner{
		Launcher: &f.engine, Lab: fakeLab{}, Network: &f.network, Reporter: &f.notes,
		Workers: 1, Repeat: 1, Out: t.TempDir(),
	}
	return f
}

// leavesNothing requires that all that was opened is closed.
func (f *fixture) leavesNothing(t *testing.T) {
	t.Helper()
	require.Zero(t, f.engine.open, "browsers that still run")
	require.Zero(t, f.engine.pages, "contexts that are still open")
	require.Zero(t, f.network.open, "proxies that still run")
}

// healthy is a scenario that the fakes pass.
func healthy(id string, change ...func(*probe.Scenario)) probe.Scenario {
	s := probe.Scenario{
		ID: id, File: id + ".yaml", Name: "Scenario " + id, Mode: probe.Embed, Card: "4000000000002100", Pay: true,
		Expect:  probe.Expectation{Verdict: diagnosis.Inconclusive, Only: true, Line: 1}, // the fakes establish no facts
		Timeout: time.Minute, Blocking: true,
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

func withProfile(p probe.Profile) func(*probe.Scenario) {
	return func(s *probe.Scenario) { s.Profile = p }
}

func withFaults(faults ...probe.Fault) func(*probe.Scenario) {
	return func(s *probe.Scenario) { s.Faults = faults }
}

func statuses(o *probe.Outcome) []probe.ResultStatus {
	var list []probe.ResultStatus
	for _, r := range o.Results {
		list = append(list, r.Status)
	}
	return list
}

func count(lines []string, line string) int {
	n := 0
	for l := range slices.Values(lines) {
		if l == line {
			n++
		}
	}
	return n
}
