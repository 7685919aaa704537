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
)

// element is the diagnostic's element.
const element = "checkout-doctor"

// What the diagnostic's element may fail to give.
var (
	errNoReport = errors.New("the diagnostic gives no report")
	errNoButton = errors.New("the diagnostic has no such button")
)

// observation is what one run of a scenario brought to light.
type observation struct {
	page     Page // with the payment page as its document, wherever that stands
	report   *report.Report
	paid     *bool    // nil where nothing was paid, or the payment had not ended
	payment  Truth    // up to the moment when the diagnostic was asked
	log      Log      // the same
	leftOpen []string // addresses of windows that the diagnostic opened and did not close
	cold     bool     // nothing of a second visit came from the browser's cache
}

// drive takes the page of a fresh context through the scenario, as a person
// would, and returns what was seen, also along with an error.
func drive(ctx context.Context, page Page, lab Lab, s *Scenario) (o observation, err error) {
	if err := before(ctx, page, lab, s); err != nil {
		return o, err
	}
	earlier := page.Truth().Cached
	o, err = visit(ctx, page, lab, s)
	o.cold = s.Warm && err == nil && page.Truth().Cached == earlier
	return o, err
}

// before does what the user had done before: opened the page in other tabs, and
// visited it.
func before(ctx context.Context, page Page, lab Lab, s *Scenario) error {
	for range s.Tabs - 1 {
		if err := page.OpenBeside(ctx, address(lab, s)); err != nil {
			return fmt.Errorf("open the page in another tab: %w", err)
		}
	}
	if !s.Warm {
		return nil
	}
	visited, err := openPage(ctx, page, lab, s)
	if err != nil {
		return err
	}
	if err := loadModule(ctx, visited); err != nil {
		return err
	}
	return leave(ctx, page)
}

// leave leaves the page for a blank one: who opens an address anew from its own
// page reloads that, in browsers' eyes.
func leave(ctx context.Context, page Page) error {
	if err := page.Open(ctx, "about:blank"); err != nil {
		return fmt.Errorf("leave the page: %w", err)
	}
	return nil
}

// visit opens the page, pays and asks the diagnostic.
func visit(ctx context.Context, page Page, lab Lab, s *Scenario) (o observation, err error) {
	page, err = openPage(ctx, page, lab, s)
	if err != nil {
		return o, err
	}
	o.page = page
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
	err = ask(ctx, page, &o)
	return o, err
}

// ask presses the diagnostic's button and looks what it leaves behind.
func ask(ctx context.Context, page Page, o *observation) error {
	earlier, err := page.Windows(ctx)
	if err != nil {
		return fmt.Errorf("look for windows: %w", err)
	}
	if o.report, err = diagnose(ctx, page); err != nil {
		return err
	}
	o.leftOpen, err = windowsLeft(ctx, page, earlier)
	return err
}

// address returns that of the scenario's page.
func address(lab Lab, s *Scenario) string {
	if s.Mode.inPage() {
		return lab.PayURLFrom(s.Country, s.Card, s.labFaults())
	}
	return lab.LinkURL()
}

// openPage opens the scenario's page and returns it as the document that is
// paid on.
func openPage(ctx context.Context, page Page, lab Lab, s *Scenario) (Page, error) {
	there := jsElementThere
	if s.Mode.inPage() {
		there = jsPageReady
	}
	if err := page.Open(ctx, address(lab, s)); err != nil {
		return nil, fmt.Errorf("open the page: %w", err)
	}
	if err := page.Until(ctx, there+" || ("+jsPaymentFrame+")"); err != nil {
		return nil, fmt.Errorf("wait for the page to be ready: %w", err)
	}
	page, err := inPaymentFrame(ctx, page)
	if err != nil {
		return nil, err
	}
	if err := page.Until(ctx, there); err != nil {
		return nil, fmt.Errorf("wait for the page to be ready: %w", err)
	}
	return page, nil
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
		return ask(ctx, page, o)
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
	if err := press(ctx, page, "#diagnose"); err != nil {
		return nil, fmt.Errorf("ask the diagnostic: %w", err)
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
