package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web/vantage"
)

// staged is a page that plays a part, and remembers what was done with it.
type staged struct {
	states   []string // of the payment, a look each; the last one stays
	torn     int      // looks at the payment that fail before the first succeeds
	crashed  bool
	forward  bool   // the diagnostic has come forward by itself
	top      string // address of the tab's own document
	frames   []Frame
	windows  []Frame
	truth    Truth
	later    Truth            // that takes its place when it is forgotten
	tell     func(*facts.Set) // what every report has; nil for nothing
	opened   []Frame          // windows that come with the first press of a button
	looks    int              // for how many looks those stay open; none is for ever
	asks     bool             // a repair asks for consent
	idle     bool             // the diagnostic does not run
	compares string           // what the diagnostic says of a second report beside the first
	aim      string           // what the next press is for
	did      []string
}

func (p *staged) do(format string, args ...any) error {
	p.did = append(p.did, fmt.Sprintf(format, args...))
	return nil
}

func (p *staged) Open(_ context.Context, url string) error { return p.do("open %s", url) }
func (p *staged) OpenBeside(_ context.Context, url string) error {
	return p.do("open beside %s", url)
}
func (p *staged) Click(_ context.Context, css string) error { return p.do("click %s", css) }
func (p *staged) ClickAt(context.Context, float64, float64) error {
	p.windows, p.opened = append(p.windows, p.opened...), nil
	return p.do("press %s", p.aim)
}
func (p *staged) Hover(_ context.Context, css string) error { return p.do("hover %s", css) }
func (p *staged) Back(context.Context) error                { return p.do("back") }
func (p *staged) Top() Frame                                { return &stagedFrame{page: p, url: p.top} }
func (p *staged) Frames(context.Context) ([]Frame, error)   { return p.frames, nil }
func (p *staged) Windows(context.Context) ([]Frame, error) {
	if p.looks--; p.looks == 0 {
		p.windows = nil
	}
	return p.windows, nil
}
func (p *staged) SetOffline(_ context.Context, offline bool) error {
	return p.do("offline %t", offline)
}
func (p *staged) SwitchTunnel(fault string, on bool) error   { return p.do("tunnel %s %t", fault, on) }
func (p *staged) Screenshot(context.Context) ([]byte, error) { return nil, nil }
func (p *staged) Truth() Truth                               { return p.truth }
func (p *staged) Forget()                                    { p.truth = p.later }
func (p *staged) Log() Log                                   { return Log{} }
func (p *staged) Close() error                               { return nil }

func (p *staged) Until(_ context.Context, js string) error {
	switch {
	case js == jsDiagnosisEnded:
		return p.do("wait for the report")
	case js == jsEndedAnew("1"):
		return p.do("wait for another report")
	case strings.HasPrefix(js, "performance.now()"):
		return p.do("wait until %s", strings.TrimPrefix(js, "performance.now() >= "))
	}
	return nil
}

func (p *staged) Eval(_ context.Context, js string, out any) error {
	switch js {
	case jsPaymentState:
		if p.crashed {
			return ErrPageCrashed
		}
		if p.torn > 0 {
			p.torn--
			return errors.New("the document is on its way out")
		}
		*out.(*string) = p.states[0]
		p.states = p.states[min(1, len(p.states)-1):]
	case jsDiagnosisEnded:
		*out.(*bool) = p.forward
	case jsDiagnosisRuns:
		*out.(*bool) = !p.idle
	case jsCompared:
		*out.(*string) = p.compares
	case jsLeftUntil:
		*out.(*float64) = 1500
	case jsReport:
		var s facts.Set
		if p.tell != nil {
			p.tell(&s)
		}
		text, err := report.Encode(&report.Report{Schema: report.Schema, ID: "1", GeneratedAt: "2026-01-01T00:00:00Z", Module: "test", Mode: "embed", Facts: &s})
		*out.(*string) = string(text)
		return err
	}
	for aim, css := range map[string]string{
		"the diagnostic's button": "#diagnose", "repair": `[data-repair="remove-worker"]`,
		"consent": `[data-consent="remove-worker"]`, "the link": `[data-repair="reset-link"]`,
	} {
		switch js {
		case middleOf(css):
			p.aim = aim
			*out.(**struct{ X, Y float64 }) = &struct{ X, Y float64 }{}
		case "!!" + inElement(css):
			*out.(*bool) = p.asks
		}
	}
	return nil
}

// stagedFrame is a frame or window with the issuer's form.
type stagedFrame struct {
	page    *staged
	url     string
	covered bool
}

func (f *stagedFrame) URL() string { return f.url }

func (f *stagedFrame) Eval(_ context.Context, js string, out any) error {
	switch js {
	case jsAnswer:
		return f.page.do("answer %s", f.url)
	case jsFormThere, jsReset:
		*out.(*bool) = true
	case jsReach:
		return json.Unmarshal([]byte(`{"input": {"x": 10, "y": 20}, "button": {"x": 10, "y": 60}}`), out)
	}
	return nil
}

func (f *stagedFrame) Box(context.Context) (Box, error) {
	return Box{Width: 390, Height: 400, Covered: f.covered}, nil
}

func (f *stagedFrame) ClickAt(_ context.Context, x, y float64, times int) error {
	if f.covered {
		f.page.do("covered")
		return ErrCovered
	}
	return f.page.do("click %g,%g %d times", x, y, times)
}

func (f *stagedFrame) Type(_ context.Context, text string) error { return f.page.do("type %s", text) }

// stagedProxy notes on the page when it is switched.
type stagedProxy struct {
	Proxy
	page *staged
}

func (p stagedProxy) Switch(on bool) { p.page.do("switch %t", on) }

// stage is the lab of a staged page.
type stage struct{}

func (stage) PayURLFrom(_ vantage.Place, _ string, faults []string) string {
	return "pay with " + strings.Join(faults, ",")
}
func (stage) LinkURLFrom(vantage.Place) string { return "link" }
func (stage) Origins() Origins                 { return testOrigins }

func TestWhatAUserDoes(t *testing.T) {
	user := func(u User) []Fault { return []Fault{{Place: InBrowser, Code: "user", User: u}} }
	const form = "https://acs.issuer.test/challenge/1"
	opened, ready := "open pay with ", []string{"hover checkout-doctor", "click #pay"}
	asked := []string{"press the diagnostic's button", "wait for the report"}
	for name, test := range map[string]struct {
		scenario Scenario
		page     staged
		form     string // where there is one
		covered  bool
		window   bool
		paid     *bool
		did      []string
	}{
		"answers": {
			Scenario{Mode: Embed, Pay: true}, staged{states: []string{"lookup", "challenge", "paid"}}, form, false, false, new(true),
			append(append([]string{opened}, ready...), append([]string{"answer " + form}, asked...)...),
		},
		"answers in a window": {
			Scenario{Mode: Embed, Pay: true}, staged{states: []string{"challenge", "paid"}}, form, false, true, new(true),
			append(append([]string{opened}, ready...), append([]string{"answer " + form}, asked...)...),
		},
		"does not answer the diagnostic's canary": {
			Scenario{Mode: Embed, Pay: true}, staged{states: []string{"challenge", "failed"}}, "https://echo.helper.test/acs/challenge/1", false, false, new(false),
			append(append([]string{opened}, ready...), asked...),
		},
		"is away": {
			Scenario{Mode: Embed, Pay: true, Faults: user(Away)}, staged{states: []string{"challenge", "failed"}}, form, false, false, new(false),
			append(append([]string{opened}, ready...), asked...),
		},
		"clicks": {
			Scenario{Mode: Embed, Pay: true, Faults: user(Clicks)}, staged{states: []string{"challenge", "paid"}}, form, false, false, new(true),
			append(append([]string{opened}, ready...), append([]string{"click 10,20 3 times", "type 1234", "click 10,60 1 times"}, asked...)...),
		},
		"clicks in vain": {
			Scenario{Mode: Embed, Pay: true, Faults: user(Clicks)}, staged{states: []string{"challenge", "failed"}}, form, true, false, new(false),
			append(append([]string{opened}, ready...), append([]string{"covered"}, asked...)...),
		},
		"leaves the challenge open": {
			Scenario{Mode: Embed, Pay: true, Faults: user(LeavesOpen)}, staged{states: []string{"challenge"}}, form, false, false, nil,
			append(append([]string{opened}, ready...), append([]string{"wait until 1500.000000"}, asked...)...),
		},
		"is taken away, and comes back": {
			Scenario{Mode: Embed, Pay: true}, staged{states: []string{""}, torn: 2}, "", false, false, new(false),
			append(append([]string{opened}, ready...), append([]string{"back", "hover checkout-doctor"}, asked...)...),
		},
		"does not pay": {
			Scenario{Mode: Embed}, staged{}, "", false, false, nil,
			append([]string{opened, "hover checkout-doctor"}, asked...),
		},
		"pays in a tunnel that fails": {
			Scenario{Mode: Embed, Pay: true, Faults: []Fault{{Place: InTunnel, Code: "black-hole-up"}}}, staged{states: []string{"failed"}}, "", false, false, new(false),
			append([]string{opened, "hover checkout-doctor", "tunnel black-hole-up true", "click #pay"}, asked...),
		},
		"pays offline": {
			Scenario{Mode: Embed, Pay: true, Faults: []Fault{{Offline: true}}}, staged{states: []string{"failed"}}, "", false, false, new(false),
			append([]string{opened, "hover checkout-doctor", "offline true", "click #pay"}, asked...),
		},
		"pays while the network comes and goes": {
			Scenario{Mode: Embed, Pay: true, Faults: []Fault{{Flaps: true}}}, staged{states: []string{"paid"}}, "", false, false, new(true),
			[]string{
				opened, "hover checkout-doctor", "click #pay", "press the diagnostic's button",
				"offline true", "offline false", "offline true", "offline false",
				"wait for the report",
			},
		},
		"follows a link": {
			Scenario{Mode: Link, Pay: true}, staged{}, "", false, false, nil,
			append([]string{"open link", "hover checkout-doctor"}, asked...),
		},
		"is led to the issuer in place of the page": {
			Scenario{Mode: Embed, Pay: true}, staged{states: []string{"", "paid"}, top: form, truth: Truth{Posts: []Post{{Tab: true}}}},
			"", false, false, new(true),
			append([]string{"open pay with ", "hover checkout-doctor", "click #pay", "answer " + form, "hover checkout-doctor"}, asked...),
		},
		"has the page open three times": {
			Scenario{Mode: Embed, Tabs: 3}, staged{}, "", false, false, nil,
			append([]string{"open beside pay with ", "open beside pay with ", "open pay with ", "hover checkout-doctor"}, asked...),
		},
		"has been on the page before": {
			Scenario{Mode: Embed, Warm: true}, staged{}, "", false, false, nil,
			append([]string{"open pay with ", "hover checkout-doctor", "open about:blank", "open pay with ", "hover checkout-doctor"}, asked...),
		},
		"is told while it happens": {
			Scenario{Mode: Watch, Pay: true}, staged{states: []string{"failed"}}, "", false, false, new(false),
			[]string{"open pay with watched", "click #pay", "wait for the report"},
		},
		"is told nothing while all is well, and asks": {
			Scenario{Mode: Watch, Pay: true}, staged{states: []string{"paid"}}, "", false, false, new(true),
			append([]string{"open pay with watched", "click #pay", "hover checkout-doctor"}, asked...),
		},
		"is told although all is well": {
			Scenario{Mode: Watch, Pay: true}, staged{states: []string{"paid"}, forward: true}, "", false, false, new(true),
			[]string{"open pay with watched", "click #pay", "wait for the report"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			page := test.page
			if test.form != "" {
				place := []Frame{&stagedFrame{&page, test.form, test.covered}}
				page.frames = place
				if test.window {
					page.frames, page.windows = nil, place
				}
			}
			seen, err := drive(t.Context(), &page, scene{Lab: stage{}}, &test.scenario)
			require.NoError(t, err)
			assert.Equal(t, test.did, page.did)
			assert.Equal(t, test.paid, seen.paid)
			assert.NotNil(t, seen.report)
			if test.form == form && !test.window {
				assert.Equal(t, &Box{Width: 390, Height: 400, Covered: test.covered}, seen.payment.Challenge)
			}
		})
	}
}

func TestAFaultOnTheWayBeginsOnceTheDiagnosticIsThere(t *testing.T) {
	page := staged{states: []string{"paid"}}
	_, err := drive(t.Context(), &page, scene{stage{}, stagedProxy{page: &page}}, &Scenario{Mode: Embed, Pay: true, Warm: true})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"open pay with ", "hover checkout-doctor", "open about:blank", "open pay with ", "hover checkout-doctor", "switch true", "click #pay",
		"press the diagnostic's button", "wait for the report",
	}, page.did)
}

func TestADiagnosticThatEndsBeforeTheNetworkHasGoneTwiceIsAnError(t *testing.T) {
	page := staged{idle: true}
	_, err := drive(t.Context(), &page, scene{Lab: stage{}}, &Scenario{Mode: Embed, Faults: []Fault{{Flaps: true}}})
	require.EqualError(t, err, "let the network go away and come back: the diagnostic has ended before")
}

func TestAPageThatIsGoneEndsThePayment(t *testing.T) {
	page := staged{states: []string{"lookup"}, crashed: true}
	_, err := drive(t.Context(), &page, scene{Lab: stage{}}, &Scenario{Mode: Embed, Pay: true})
	require.ErrorIs(t, err, ErrPageCrashed)
}

func TestAPaymentThatNeverEndsSaysWhatItWaitedFor(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	page := &staged{states: []string{"authenticating"}}
	cancel(errors.New("out of time"))
	_, err := drive(ctx, page, scene{Lab: stage{}}, &Scenario{Mode: Embed, Pay: true})
	require.EqualError(t, err, `wait for the payment's end in state "authenticating": out of time`)
}
