package probe

import (
	"context"
	"errors"
	"fmt"

	"checkoutdoctor/wasm/report"
)

// What the probe asks of the pages. The contract with the payment page is its
// html[data-state] and html[data-challenge-limit], with the diagnostic its
// element, and with the issuer's page its form[data-challenge].
const (
	jsPageReady      = `["idle", "failed"].includes(document.documentElement.dataset.state) && !!document.querySelector("checkout-doctor")`
	jsElementThere   = `!!document.querySelector("checkout-doctor")`
	jsModuleReady    = `["ready", "done", "error"].includes(document.querySelector("checkout-doctor")?.dataset.state)`
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
)

// element is the diagnostic's element.
const element = "checkout-doctor"

// errNoReport says that the diagnostic's element does not give a report.
var errNoReport = errors.New("the diagnostic gives no report")

// observation is what one run of a scenario brought to light.
type observation struct {
	report  *report.Report
	paid    *bool // nil where nothing was paid, or the payment had not ended
	payment Truth // up to the moment when the diagnostic was asked
	log     Log   // the same
}

// drive takes the page of a fresh context through the scenario, as a person
// would, and returns what was seen, also along with an error.
func drive(ctx context.Context, page Page, lab Lab, s *Scenario) (o observation, err error) {
	if err := openPage(ctx, page, lab, s); err != nil {
		return o, err
	}
	if s.Mode == Watch {
		err := watchPayment(ctx, page, lab, s, &o)
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
	if s.Mode == Embed && s.Pay {
		if err := pay(ctx, page, lab, s, &o); err != nil {
			return o, err
		}
	}
	o.payment, o.log = truthOfPayment(ctx, page, lab), page.Log()
	o.report, err = diagnose(ctx, page)
	return o, err
}

func openPage(ctx context.Context, page Page, lab Lab, s *Scenario) error {
	url, there := lab.LinkURL(), jsElementThere
	if s.Mode.inPage() {
		url, there = lab.PayURL(s.Card, s.labFaults()), jsPageReady
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

// watchPayment pays on a page that opted in to being watched. Nobody asks the
// diagnostic: it comes forward by itself. Where the payment goes through it has
// nothing to say, and is asked then, so that there is a report to compare.
func watchPayment(ctx context.Context, page Page, lab Lab, s *Scenario, o *observation) error {
	if err := pay(ctx, page, lab, s, o); err != nil {
		return err
	}
	o.payment, o.log = truthOfPayment(ctx, page, lab), page.Log()
	forward, err := ended(ctx, page)
	if err != nil {
		return err
	}
	if o.paid != nil && *o.paid && !forward {
		if err := loadModule(ctx, page); err != nil {
			return err
		}
		o.report, err = diagnose(ctx, page)
		return err
	}
	if err := page.Until(ctx, jsDiagnosisEnded); err != nil {
		return fmt.Errorf("wait for the diagnostic to come forward: %w", err)
	}
	o.report, err = readReport(ctx, page)
	return err
}

// ended reports whether the diagnostic shows a report.
func ended(ctx context.Context, page Page) (forward bool, err error) {
	if err := page.Eval(ctx, jsDiagnosisEnded, &forward); err != nil {
		return false, fmt.Errorf("look at the diagnostic: %w", err)
	}
	return forward, nil
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
	return readReport(ctx, page)
}

// readReport returns the report that the diagnostic's element has.
func readReport(ctx context.Context, page Page) (*report.Report, error) {
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
