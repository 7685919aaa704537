package probe

import (
	"context"
	"errors"
	"fmt"

	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web/vantage"
)

// What the probe asks of the pages. The contract with the payment page is its
// html[data-state] and html[data-challenge-limit], with the diagnostic its
// element, and with the issuer's page its form[data-challenge].
const (
	jsPageReady      = `["idle", "failed"].includes(document.documentElement.dataset.state) && !!document.querySelector("checkout-doctor")`
	jsElementThere   = `!!document.querySelector("checkout-doctor")`
	jsModuleReady    = `["ready", "done", "error"].includes(document.querySelector("checkout-doctor")?.dataset.state)`
	jsDiagnosisRuns  = `document.querySelector("checkout-doctor")?.dataset.state === "running"`
	jsDiagnosisEnded = `["done", "error"].includes(document.querySelector("checkout-doctor")?.dataset.state)`
	jsReport         = `JSON.stringify(document.querySelector("checkout-doctor").report ?? null)`
)

// element is the diagnostic's element.
const element = "checkout-doctor"

// jsEndedAnew is true once the diagnostic has another report than the one with
// the ID.
func jsEndedAnew(id string) string {
	return jsDiagnosisEnded + ` && document.querySelector("checkout-doctor").report?.id !== ` + quoted(id)
}

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
	compared string   // what the view says of this report beside an earlier one; empty for nothing
}

// scene is what a scenario is played in: the checkout, and the proxy on the way
// to it, which is nil where no fault is in the network.
type scene struct {
	Lab
	proxy Proxy
}

// drive takes the page of a fresh context through the scenario, as a person
// would, and returns what was seen, also along with an error.
func drive(ctx context.Context, page Page, lab scene, s *Scenario) (o observation, err error) {
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
func visit(ctx context.Context, page Page, lab scene, s *Scenario) (o observation, err error) {
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
	if err := breakNetwork(ctx, page, lab, s); err != nil {
		return o, err
	}
	if s.Mode == Embed && s.Pay {
		if err := pay(ctx, page, lab, s, &o); err != nil {
			return o, err
		}
	}
	o.payment, o.log = truthOfPayment(ctx, page, lab), page.Log()
	err = ask(ctx, page, s, &o)
	return o, err
}

// breakNetwork begins what is wrong with the network only once the diagnostic is
// there.
func breakNetwork(ctx context.Context, page Page, lab scene, s *Scenario) error {
	if lab.proxy != nil {
		lab.proxy.Switch(true)
	}
	if err := switchTunnel(page, s, true); err != nil {
		return err
	}
	if s.offline() {
		return setOffline(ctx, page, true)
	}
	return nil
}

func setOffline(ctx context.Context, page Page, offline bool) error {
	if err := page.SetOffline(ctx, offline); err != nil {
		return fmt.Errorf("set offline to %t: %w", offline, err)
	}
	return nil
}

// switchTunnel switches the scenario's faults of the browser's tunnel on or off.
func switchTunnel(page Page, s *Scenario, on bool) error {
	for _, code := range s.codes(InTunnel) {
		if err := page.SwitchTunnel(code, on); err != nil {
			return fmt.Errorf("switch the tunnel's fault %s to %t: %w", code, on, err)
		}
	}
	return nil
}

// ask presses the diagnostic's button and looks what it leaves behind. Where
// there is a report already, another one is waited for.
func ask(ctx context.Context, page Page, s *Scenario, o *observation) error {
	earlier, err := page.Windows(ctx)
	if err != nil {
		return fmt.Errorf("look for windows: %w", err)
	}
	if o.report, err = diagnose(ctx, page, s, o.report); err != nil {
		return err
	}
	o.leftOpen, err = windowsLeft(ctx, page, earlier)
	return err
}

// address returns that of the scenario's page.
func address(lab Lab, s *Scenario) string {
	there := vantage.Place{Country: s.Country, Kind: s.AddressKind}
	if s.Mode.inPage() {
		return lab.PayURLFrom(there, s.Card, s.labFaults())
	}
	return lab.LinkURLFrom(there)
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
		return ask(ctx, page, s, o)
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

// diagnose presses the diagnostic's button and returns its report, which comes
// after an earlier one if there is one.
func diagnose(ctx context.Context, page Page, s *Scenario, earlier *report.Report) (*report.Report, error) {
	if err := press(ctx, page, "#diagnose"); err != nil {
		return nil, fmt.Errorf("ask the diagnostic: %w", err)
	}
	if s.flaps() {
		if err := flap(ctx, page); err != nil {
			return nil, fmt.Errorf("let the network go away and come back: %w", err)
		}
	}
	ended := jsDiagnosisEnded
	if earlier != nil {
		ended = jsEndedAnew(earlier.ID)
	}
	if err := page.Until(ctx, ended); err != nil {
		return nil, fmt.Errorf("wait for the report: %w", err)
	}
	return readReport(ctx, page)
}

// errEnded says that the diagnostic was too fast for what was to happen while it
// ran.
var errEnded = errors.New("the diagnostic has ended before")

// flap takes the network away and brings it back, twice, while the diagnostic
// runs.
func flap(ctx context.Context, page Page) error {
	for range 2 {
		for _, offline := range []bool{true, false} {
			if err := setOffline(ctx, page, offline); err != nil {
				return err
			}
		}
	}
	var runs bool
	if err := page.Eval(ctx, jsDiagnosisRuns, &runs); err != nil {
		return err
	}
	if !runs {
		return errEnded
	}
	return nil
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
