package sdks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/report"
)

// What is asked of the shop's page, of the diagnostic's element in it, and of
// the issuer's page.
const (
	jsReady    = `document.documentElement.dataset.state === "idle" && !!customElements.get("checkout-doctor")`
	jsPayment  = `({state: document.documentElement.dataset.state, transStatus: document.documentElement.dataset.transStatus ?? "", said: shop.said, challenge: shop.challengeShown()})`
	jsReports  = `shop.reports.map(({at, report}) => ({at, report: JSON.stringify(report)}))`
	jsDiagnose = `document.querySelector("checkout-doctor").diagnose().then(JSON.stringify)`

	// Each document of the issuer's is answered once.
	jsAnswer = `(() => {
	const form = document.querySelector("form[data-challenge]")
	if (!form || form.dataset.answered) return
	form.dataset.answered = "yes"
	const code = form.querySelector("input:not([type=hidden])")
	code.focus()
	code.value = "1234"
	form.requestSubmit()
})()`
)

// payPoll is how often the payment is looked at: the issuer's frame comes and
// goes meanwhile, so that no one condition can be awaited.
const payPoll = 100 * time.Millisecond

// Statement is one thing that an SDK told the shop's page.
type Statement struct {
	At   int64  `json:"at"` // milliseconds since the press on the pay button
	What string `json:"what"`
}

// Payment is what came of one payment.
type Payment struct {
	Said        []Statement
	Ended       bool   // the SDK came to an end before the limit
	TransStatus string // what the 3DS Server knows; empty where the page never asked
	// Report is the diagnosis on the same page; nil where none was asked for.
	Report *report.Report
	// Watched is when the report came of itself, in milliseconds since the
	// press; 0 where the diagnostic had to be asked.
	Watched int64
}

// Pay opens the SDK's page in a fresh context, presses the button, answers the
// issuer as a user would, and returns what was said until the SDK came to an
// end or limit had passed.
func (s *Shop) Pay(ctx context.Context, page probe.Page, sdk SDK, card string, limit time.Duration, faults ...string) (Payment, error) {
	if err := page.Open(ctx, address(sdk, card, faults)); err != nil {
		return Payment{}, fmt.Errorf("open the page of %s: %w", sdk.Name, err)
	}
	if err := page.Until(ctx, jsReady); err != nil {
		return Payment{}, fmt.Errorf("wait for the page of %s: %w", sdk.Name, err)
	}
	if err := page.Click(ctx, "#pay"); err != nil {
		return Payment{}, fmt.Errorf("press pay: %w", err)
	}
	return s.follow(ctx, page, limit)
}

func (s *Shop) follow(ctx context.Context, page probe.Page, limit time.Duration) (p Payment, err error) {
	over := time.After(limit)
	tick := time.NewTicker(payPoll)
	defer tick.Stop()
	for {
		var now struct {
			State, TransStatus string
			Said               []Statement
			Challenge          bool
		}
		if err := page.Eval(ctx, jsPayment, &now); err != nil {
			return p, fmt.Errorf("look at the payment: %w", err)
		}
		p.Said, p.TransStatus = now.Said, now.TransStatus
		if p.Ended = now.State == "paid" || now.State == "failed"; p.Ended {
			return p, nil
		}
		if now.Challenge && s.atIssuer(page) {
			if err := answer(ctx, page); err != nil {
				return p, err
			}
		}
		select {
		case <-ctx.Done():
			return p, fmt.Errorf("wait for the payment's end: %w", context.Cause(ctx))
		case <-over:
			return p, nil
		case <-tick.C:
		}
	}
}

// atIssuer reports whether the last document that came into a frame was the
// issuer's. Looking into frames earlier can hold the next one up: to look, the
// driver attaches to every frame, and to those that come into it.
func (s *Shop) atIssuer(page probe.Page) bool {
	frames, o := page.Truth().Frames, s.lab.Origins()
	return len(frames) > 0 && slices.Contains([]string{o.ACS, o.ACS2}, frames[len(frames)-1])
}

// answer fills in the issuer's form in whatever frame it is shown: the SDK may
// frame a page of its own, and the issuer in that. A frame that goes on
// meanwhile is no error: the next look finds what it became.
func answer(ctx context.Context, page probe.Page) error {
	frames, err := page.Frames(ctx)
	if err != nil {
		return fmt.Errorf("look for the issuer's frame: %w", err)
	}
	for _, f := range frames {
		if err := f.Eval(ctx, jsAnswer, nil); errors.Is(err, probe.ErrBrowserGone) {
			return fmt.Errorf("answer the challenge: %w", err)
		}
	}
	return nil
}

// Diagnose adds what the diagnostic in the page says: by itself while the
// payment ran, or else now that it is asked.
func (p *Payment) Diagnose(ctx context.Context, page probe.Page) error {
	var reports []struct {
		At     int64
		Report string
	}
	if err := page.Eval(ctx, jsReports, &reports); err != nil {
		return fmt.Errorf("look for a report: %w", err)
	}
	var text string
	if len(reports) > 0 {
		p.Watched, text = reports[0].At, reports[0].Report
	} else if err := page.Eval(ctx, jsDiagnose, &text); err != nil {
		return fmt.Errorf("ask the diagnostic: %w", err)
	}
	r, err := report.Decode([]byte(text))
	if err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	p.Report = r
	return nil
}
