package probe

import (
	"context"
	"fmt"
	"slices"
	"time"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/report"
)

// A Repaired is what became of a failure after the scenario's repair. After the
// diagnostic's own the page was opened anew, paid on, and diagnosed again; after
// the user's it was diagnosed again as it was.
type Repaired struct {
	By       Repair            `json:"by"`
	Verdict  diagnosis.Verdict `json:"verdict"`
	Findings []ActualFinding   `json:"findings"`
	Paid     bool              `json:"paid"`

	report *report.Report // for the evidence
}

// after returns the report after the repair; nil where there was none.
func (r *Repaired) after() *report.Report {
	if r == nil {
		return nil
	}
	return r.report
}

// repair does about what was found what the scenario says, and asks the
// diagnostic again.
func repair(ctx context.Context, page Page, lab scene, s *Scenario, found observation) (again observation, err error) {
	if s.Repair.byUser() {
		return endFault(ctx, page, lab, s, found)
	}
	return repairItself(ctx, page, lab, s, found)
}

// jsCompared is what the view says of the two reports side by side; empty where
// it says nothing.
var jsCompared = inElement("section[data-compared]") + `?.dataset.compared ?? ""`

// gone is what it says where what was found before is found no more.
const gone = "gone"

// endFault ends what is wrong on the way and asks the diagnostic again, in the
// page as the user has it. Nothing is paid in between.
func endFault(ctx context.Context, page Page, lab scene, s *Scenario, found observation) (again observation, err error) {
	if lab.proxy != nil {
		lab.proxy.Switch(false)
	}
	if s.Repair == Reconnect {
		if err := setOffline(ctx, page, false); err != nil {
			return again, err
		}
	}
	page.Forget()
	again = observation{page: found.page, paid: found.paid, report: found.report}
	if err := ask(ctx, found.page, s, &again); err != nil {
		return observation{}, fmt.Errorf("after %s: %w", s.Repair, err)
	}
	if err := found.page.Eval(ctx, jsCompared, &again.compared); err != nil {
		return again, fmt.Errorf("look how the diagnostic compares: %w", err)
	}
	return again, nil
}

// repairItself has the diagnostic repair what it found, in the page as the user
// has it, and then tries anew to pay. Its own button must be what helps, so that
// nothing is emptied or reloaded in between.
func repairItself(ctx context.Context, page Page, lab scene, s *Scenario, found observation) (again observation, err error) {
	if err := pressRepair(ctx, found.page, s.Repair); err != nil {
		return again, fmt.Errorf("repair by %s: %w", s.Repair, err)
	}
	if err := leave(ctx, page); err != nil {
		return again, err
	}
	page.Forget()
	earlier := page.Log()
	again, err = visit(ctx, page, lab, s)
	again.log = again.log.after(earlier)
	if err != nil {
		return again, fmt.Errorf("after the repair: %w", err)
	}
	return again, nil
}

// after returns what was written after an earlier look at the same log.
func (l Log) after(earlier Log) Log {
	return Log{
		Console: l.Console[min(len(earlier.Console), len(l.Console)):],
		Network: l.Network[min(len(earlier.Network), len(l.Network)):],
	}
}

// offerLimit is how long a repair may take to be offered.
const offerLimit = 5 * time.Second

// pressRepair does what the user does who trusts the diagnostic's repair.
func pressRepair(ctx context.Context, page Page, by Repair) error {
	button, consent, done := fmt.Sprintf(`[data-repair="%s"]`, by), fmt.Sprintf(`[data-consent="%s"]`, by), fmt.Sprintf(`[data-repaired="%s"]`, by)
	if err := offered(ctx, page, button); err != nil {
		return fmt.Errorf("look for the offer: %w", err)
	}
	if err := press(ctx, page, button); err != nil {
		return err
	}
	if by == ResetLink {
		return resetDone(ctx, page)
	}
	if err := page.Until(ctx, inElement(consent)+" || "+inElement(done)); err != nil {
		return fmt.Errorf("wait for its end: %w", err)
	}
	var asked bool
	if err := page.Eval(ctx, "!!"+inElement(consent), &asked); err != nil {
		return fmt.Errorf("look whether it asks: %w", err)
	}
	if asked {
		if err := press(ctx, page, consent); err != nil {
			return err
		}
	}
	if err := page.Until(ctx, inElement(done)); err != nil {
		return fmt.Errorf("wait for its end: %w", err)
	}
	return nil
}

// offered waits until the element has the button, which comes with the report.
func offered(ctx context.Context, page Page, button string) error {
	ctx, cancel := context.WithTimeout(ctx, offerLimit)
	defer cancel()
	return page.Until(ctx, inElement(button))
}

// jsReset is true on the page that a reset link leads to, when it has done all.
const jsReset = `document.documentElement.dataset.state === "reset"`

// resetDone waits for the end of what the reset link leads to, which opens in a
// window beside the page.
func resetDone(ctx context.Context, page Page) error {
	err := every(ctx, func() (bool, error) {
		windows, err := page.Windows(ctx)
		if err != nil {
			return false, err
		}
		for _, w := range windows {
			var done bool
			if err := w.Eval(ctx, jsReset, &done); err == nil && done {
				return true, closeWindow(ctx, w)
			}
		}
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("wait for the reset link's page: %w", err)
	}
	return nil
}

// closeWindow has the user back at the payment page: one that nobody sees is not
// painted, and whatever waits for that waits on. The window may be gone before
// it can say so.
func closeWindow(ctx context.Context, w Frame) error {
	if err := w.Eval(ctx, "close()", nil); err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// every looks again and again, until what is looked for is there.
func every(ctx context.Context, look func() (there bool, err error)) error {
	tick := time.NewTicker(payPoll)
	defer tick.Stop()
	for {
		there, err := look()
		if there || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// press clicks a button or link in the diagnostic's element.
func press(ctx context.Context, page Page, css string) error {
	var middle *struct{ X, Y float64 }
	if err := page.Eval(ctx, middleOf(css), &middle); err != nil {
		return fmt.Errorf("look for %s: %w", css, err)
	}
	if middle == nil {
		return fmt.Errorf("%w: %s", errNoButton, css)
	}
	if err := page.ClickAt(ctx, middle.X, middle.Y); err != nil {
		return fmt.Errorf("press %s: %w", css, err)
	}
	return nil
}

// inElement finds what stands in the element's open shadow root, where no
// selector reaches.
func inElement(css string) string {
	return `document.querySelector("` + element + `")?.shadowRoot?.querySelector(` + quoted(css) + `)`
}

// middleOf scrolls to something in the element and gives its middle, or null.
func middleOf(css string) string {
	return `(() => {
	const button = ` + inElement(css) + `
	if (!button) return null
	button.scrollIntoView({block: "center", behavior: "instant"})
	const box = button.getBoundingClientRect()
	return {x: box.left + box.width / 2, y: box.top + box.height / 2}
})()`
}

// repairedOf sums up the run after the repair.
func repairedOf(by Repair, again observation) *Repaired {
	actual := actualOf(again.report, again.paid)
	return &Repaired{
		By: by, Verdict: actual.Verdict, Findings: actual.Findings, Paid: again.paid != nil && *again.paid, report: again.report,
	}
}

// repairProblems returns where the second run shows that the repair did not
// help.
func repairProblems(s *Scenario, again observation) []Problem {
	problems := replayProblems(again.report)
	unmended := func(format string, args ...any) {
		problems = append(problems, Problem{Unrepaired, fmt.Sprintf("after %s ", s.Repair) + fmt.Sprintf(format, args...)})
	}
	if actual := actualOf(again.report, again.paid); actual.Verdict != diagnosis.Clear {
		unmended("it is %s", actual)
	}
	switch {
	case s.Repair.byUser():
		for _, code := range foundStill(s, again.report) {
			unmended("%s is found as before", code)
		}
		if again.compared != gone {
			unmended("the diagnostic calls it %q, not %q", again.compared, gone)
		}
	case again.paid == nil || !*again.paid:
		unmended("the payment fails as before")
	}
	return append(problems, windowProblems(again.leftOpen)...)
}

// foundStill returns the causes of the faults that the user has ended, and that
// the report has.
func foundStill(s *Scenario, r *report.Report) (codes []diagnosis.Code) {
	for _, fault := range s.Faults {
		named := func(f diagnosis.Finding) bool { return f.Code == fault.Gives }
		if s.Repair.ends(fault) && slices.ContainsFunc(r.Findings, named) {
			codes = append(codes, fault.Gives)
		}
	}
	return codes
}
