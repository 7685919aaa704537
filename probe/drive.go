package probe

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"checkoutdoctor/wasm/report"
)

// What the probe asks of the pages. The contract with the payment page is its
// html[data-state], with the diagnostic its element, and with the issuer's
// page its form[data-challenge].
const (
	jsPageReady      = `document.documentElement.dataset.state === "idle" && !!document.querySelector("checkout-doctor")`
	jsElementThere   = `!!document.querySelector("checkout-doctor")`
	jsModuleReady    = `["ready", "done", "error"].includes(document.querySelector("checkout-doctor")?.dataset.state)`
	jsPaymentState   = `document.documentElement.dataset.state ?? ""`
	jsDiagnosisEnded = `["done", "error"].includes(document.querySelector("checkout-doctor")?.dataset.state)`
	jsReport         = `JSON.stringify(document.querySelector("checkout-doctor").report ?? null)`

	// The button stands in the element's open shadow root, where no selector
	// reaches.
	jsButtonMiddle = `(() => {
	const button = document.querySelector("checkout-doctor")?.shadowRoot?.getElementById("diagnose")
	if (!button) return null
	button.scrollIntoView({block: "center", behavior: "instant"})
	const box = button.getBoundingClientRect()
	return {x: box.left + box.width / 2, y: box.top + box.height / 2}
})()`

	// Each document of the issuer's is answered once.
	jsAnswerChallenge = `(() => {
	const form = document.querySelector("form[data-challenge]")
	if (!form || form.dataset.answered) return false
	form.dataset.answered = "yes"
	form.querySelector("input:not([type=hidden])").value = "1234"
	form.requestSubmit()
	return true
})()`
)

const (
	element   = "checkout-doctor"
	payButton = "#pay"

	// payPoll is how often the payment's state is looked at. The issuer's
	// frame comes and goes meanwhile, so that no one condition can be awaited.
	payPoll = 50 * time.Millisecond
)

// errNoReport says that the diagnostic's element does not give a report.
var errNoReport = errors.New("the diagnostic gives no report")

// observation is what one run of a scenario brought to light.
type observation struct {
	report  *report.Report
	paid    *bool // nil in link mode
	payment Truth // up to the click on the diagnostic's button
}

// drive takes the page of a fresh context through the scenario, as a person
// would, and returns what was seen, also along with an error.
func drive(ctx context.Context, page Page, lab Lab, s *Scenario) (o observation, err error) {
	if err := openPage(ctx, page, lab, s); err != nil {
		return o, err
	}
	if err := loadModule(ctx, page); err != nil {
		return o, err
	}
	if s.offline() {
		if err := page.SetOffline(ctx, true); err != nil {
			return o, fmt.Errorf("go offline: %w", err)
		}
	}
	if s.Mode == Embed {
		if o.paid, err = pay(ctx, page, lab); err != nil {
			return o, err
		}
	}
	o.payment = page.Truth()
	o.report, err = diagnose(ctx, page)
	return o, err
}

func openPage(ctx context.Context, page Page, lab Lab, s *Scenario) error {
	url, there := lab.LinkURL(), jsElementThere
	if s.Mode == Embed {
		url, there = lab.PayURL(s.Card, s.codes(InLab)), jsPageReady
	}
	if err := page.Open(ctx, url); err != nil {
		return fmt.Errorf("open the page: %w", err)
	}
	if err := page.Until(ctx, there); err != nil {
		return fmt.Errorf("wait for the page to be ready: %w", err)
	}
	return nil
}

// loadModule moves the mouse to the diagnostic, which loads its module. After
// that it works without a network too.
func loadModule(ctx context.Context, page Page) error {
	if err := page.Hover(ctx, element); err != nil {
		return fmt.Errorf("show interest in the diagnostic: %w", err)
	}
	if err := page.Until(ctx, jsModuleReady); err != nil {
		return fmt.Errorf("wait for the diagnostic to load: %w", err)
	}
	return nil
}

// pay presses the button, answers the issuer's challenge if there is one, and
// returns whether the payment went through.
func pay(ctx context.Context, page Page, lab Lab) (*bool, error) {
	if err := page.Click(ctx, payButton); err != nil {
		return nil, fmt.Errorf("press pay: %w", err)
	}
	tick := time.NewTicker(payPoll)
	defer tick.Stop()
	for {
		var state string
		if err := page.Eval(ctx, jsPaymentState, &state); err != nil {
			return nil, fmt.Errorf("look at the payment: %w", err)
		}
		switch state {
		case "paid", "failed":
			return new(state == "paid"), nil
		case "challenge":
			if err := answerChallenge(ctx, page, lab); err != nil {
				return nil, err
			}
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the payment's end in state %q: %w", state, context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// answerChallenge fills in the issuer's form where it is shown. A frame that
// goes on meanwhile is no error: the next look finds what it became.
func answerChallenge(ctx context.Context, page Page, lab Lab) error {
	frames, err := page.Frames(ctx)
	if err != nil {
		return fmt.Errorf("look for the issuer's frame: %w", err)
	}
	o := lab.Origins()
	for _, f := range frames {
		if !strings.HasPrefix(f.URL(), o.ACS+"/") && !strings.HasPrefix(f.URL(), o.ACS2+"/") {
			continue
		}
		var answered bool
		err := f.Eval(ctx, jsAnswerChallenge, &answered)
		if errors.Is(err, ErrBrowserGone) {
			return fmt.Errorf("answer the challenge: %w", err)
		}
	}
	return nil
}

// diagnose presses the diagnostic's button and returns its report.
func diagnose(ctx context.Context, page Page) (*report.Report, error) {
	var middle *struct{ X, Y float64 }
	if err := page.Eval(ctx, jsButtonMiddle, &middle); err != nil {
		return nil, fmt.Errorf("look for the diagnostic's button: %w", err)
	}
	if middle == nil {
		return nil, fmt.Errorf("%w: the element has no button", errNoReport)
	}
	if err := page.ClickAt(ctx, middle.X, middle.Y); err != nil {
		return nil, fmt.Errorf("press the diagnostic's button: %w", err)
	}
	if err := page.Until(ctx, jsDiagnosisEnded); err != nil {
		return nil, fmt.Errorf("wait for the report: %w", err)
	}
	var text string
	if err := page.Eval(ctx, jsReport, &text); err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	r, err := report.Decode([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoReport, err)
	}
	return r, nil
}
