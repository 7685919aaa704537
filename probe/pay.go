package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	payButton = "#pay"

	// jsPaymentState is empty on a page that is not the payment page.
	jsPaymentState = `document.documentElement.dataset.state ?? ""`

	// payPoll is how often the payment's state is looked at. The issuer's
	// frame comes and goes meanwhile, so that no one condition can be awaited.
	payPoll = 50 * time.Millisecond
)

// pay presses the button and treats the issuer's challenge as the scenario's
// user does, until the payment has ended or the user turns to the diagnostic.
func pay(ctx context.Context, page Page, lab Lab, s *Scenario, o *observation) error {
	if err := page.Click(ctx, payButton); err != nil {
		return fmt.Errorf("press pay: %w", err)
	}
	c := challenge{page: page, origins: lab.Origins(), user: s.user()}
	away := false // the issuer has taken the page's place
	tick := time.NewTicker(payPoll)
	defer tick.Stop()
	for {
		state, lookErr := paymentState(ctx, page)
		if isGone(lookErr) {
			return lookErr
		}
		switch {
		case lookErr != nil: // the page is on its way to somewhere else
		case state == "paid" || state == "failed":
			o.paid = new(state == "paid")
			if away {
				return comeTo(ctx, page, jsElementThere)
			}
			return nil
		case state == "" && !redirected(page):
			o.paid = new(false)
			return comeBack(ctx, page)
		case state == "" || state == "challenge":
			away = away || state == ""
			if turned, err := c.attend(ctx); turned || err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("wait for the payment's end in state %q: %w", state, context.Cause(ctx)), lookErr)
		case <-tick.C:
		}
	}
}

func paymentState(ctx context.Context, page Page) (state string, err error) {
	if err := page.Eval(ctx, jsPaymentState, &state); err != nil {
		return "", fmt.Errorf("look at the payment: %w", err)
	}
	return state, nil
}

// isGone reports that nothing more can be asked of the page.
func isGone(err error) bool {
	return errors.Is(err, ErrBrowserGone) || errors.Is(err, ErrPageCrashed)
}

// comeBack does what a user does whom the issuer's page has taken away from the
// shop: they go back.
func comeBack(ctx context.Context, page Page) error {
	if err := page.Back(ctx); err != nil {
		return fmt.Errorf("go back to the payment page: %w", err)
	}
	return comeTo(ctx, page, jsPageReady)
}

// comeTo waits for the payment page that is loaded anew, with a diagnostic of
// its own.
func comeTo(ctx context.Context, page Page, there string) error {
	if err := page.Until(ctx, there); err != nil {
		return fmt.Errorf("wait for the payment page to be there again: %w", err)
	}
	return loadModule(ctx, page)
}

// redirected reports whether the payment page has itself sent the browser to
// the issuer, in its own place: every step of 3-D Secure is posted.
func redirected(page Page) bool {
	return slices.ContainsFunc(page.Truth().Posts, func(p Post) bool { return p.Tab })
}

// truthOfPayment returns what the browser's instruments show before the
// diagnostic is asked, whose own requests they would show too.
func truthOfPayment(ctx context.Context, page Page, lab Lab) Truth {
	t := page.Truth()
	frames, err := page.Frames(ctx)
	if err != nil {
		return t // what is wrong with the page shows when it is asked for the report
	}
	origins := lab.Origins()
	for _, f := range frames {
		if !origins.issuer(originOf(f.URL())) {
			continue
		}
		if box, err := f.Box(ctx); err == nil {
			t.Challenge = &box
			break
		}
	}
	return t
}
