package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"checkoutdoctor/wasm/report"
)

// The contract with the payment page is its html[data-state], with the
// diagnostic its element, and with the issuer's page its form[data-challenge].
const (
	jsPaymentState = `document.documentElement.dataset.state ?? ""`
	jsDoctorState  = `document.querySelector("checkout-doctor")?.dataset.state ?? ""`
	jsReport       = `JSON.stringify(document.querySelector("checkout-doctor").report)`
	jsPayButton    = `document.querySelector("#pay")`
	jsDoctorButton = `document.querySelector("checkout-doctor").shadowRoot.getElementById("diagnose")`

	// The issuer's button, in a form that is not answered yet. The code is in the
	// form then. Before its styles are there the button would move away.
	jsAnswerButton = `(() => {
	const form = document.querySelector("form[data-challenge]")
	const button = form?.querySelector("[data-submit]")
	if (!button || button.disabled || form.dataset.answered || document.readyState !== "complete") return null
	form.dataset.answered = "yes"
	form.querySelector("input").value = "1234"
	return button
})()`
)

// user is somebody who pays, and who asks the diagnostic when that is over.
type user struct {
	tab    *tab
	manner manner
}

// poll is how often a page is looked at.
const poll = 50 * time.Millisecond

// pay pays on the page, and returns the diagnostic's report.
func (u *user) pay(ctx context.Context, url string) (*report.Report, error) {
	if err := u.tab.open(ctx, url); err != nil {
		return nil, err
	}
	if err := u.await(ctx, jsPaymentState, "idle"); err != nil {
		return nil, err
	}
	if err := u.press(ctx, jsPayButton); err != nil {
		return nil, err
	}
	if err := u.seeThrough(ctx); err != nil {
		return nil, err
	}
	if err := u.press(ctx, jsDoctorButton); err != nil {
		return nil, err
	}
	if err := u.await(ctx, jsDoctorState, "done", "error"); err != nil {
		return nil, err
	}
	text, err := u.tab.text(ctx, jsReport)
	if err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	return report.Decode([]byte(text))
}

// seeThrough does what the issuer asks for, until the payment has ended or the
// user turns to the diagnostic.
func (u *user) seeThrough(ctx context.Context) error {
	for range ticks(ctx) {
		state, err := u.tab.text(ctx, jsPaymentState)
		if err != nil || state == "paid" || state == "failed" {
			return err
		}
		turns, err := u.meet(ctx)
		if err != nil || turns {
			return err
		}
	}
	return fmt.Errorf("wait for the payment's end: %w", context.Cause(ctx))
}

// meet does what the user does with the challenge as it is now, and reports
// whether they turn to the diagnostic.
func (u *user) meet(ctx context.Context) (turns bool, err error) {
	if u.manner == isAway {
		return false, nil
	}
	button, err := u.challenge(ctx)
	if err != nil || button == nil {
		return false, err
	}
	if u.manner == leavesOpen {
		return true, nil
	}
	return false, unlessRefused(u.tab.click(ctx, *button))
}

// challenge returns the issuer's button, in a frame or a window; nil where
// there is none now.
func (u *user) challenge(ctx context.Context) (*element, error) {
	places, err := u.tab.others(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range places {
		button, err := u.tab.find(ctx, p, jsAnswerButton)
		if err := unlessRefused(err); button != nil || err != nil {
			return button, err
		}
	}
	return nil, nil
}

// press presses a button of the page's, which must be there.
func (u *user) press(ctx context.Context, script string) error {
	button, err := u.tab.find(ctx, u.tab.id, script)
	if err == nil && button == nil {
		err = errors.New("it is not there")
	}
	if err == nil {
		err = u.tab.click(ctx, *button)
	}
	if err != nil {
		return fmt.Errorf("press %s: %w", script, err)
	}
	return nil
}

// await waits until the script gives one of the texts.
func (u *user) await(ctx context.Context, script string, wanted ...string) error {
	var text string
	for range ticks(ctx) {
		var err error
		if text, err = u.tab.text(ctx, script); err != nil || slices.Contains(wanted, text) {
			return err
		}
	}
	return fmt.Errorf("wait until %s is one of %q, not %q: %w", script, wanted, text, context.Cause(ctx))
}

// ticks gives the moments to look at a page, until ctx ends.
func ticks(ctx context.Context) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		ticker := time.NewTicker(poll)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-ticker.C:
				if !yield(now) {
					return
				}
			}
		}
	}
}
