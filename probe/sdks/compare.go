package sdks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/lab"
)

// RowLimit is how long a payment is followed in a comparison. Both SDKs wait
// longer for a challenge: one a minute, the other ten.
const RowLimit = 20 * time.Second

// A Row is one fault, and what was said of it.
type Row struct {
	Fault    string             // code of the lab; empty for a healthy payment
	Payments map[string]Payment // by the SDK's name
}

// compared are the faults that a shop with an SDK can have: all of the
// issuer's and of the notification page's, and those of the shop's page that
// an SDK leaves to it.
var compared = []string{
	"",
	"page-csp-frame-src", "page-csp-form-action", "page-coep-require-corp", "page-coep-credentialless",
	"frame-sandbox-no-forms", "frame-sandbox-no-scripts", "frame-sandbox-no-same-origin",
	"acs-frame-options", "acs-frame-ancestors", "acs-dns", "acs-tls-expired", "acs-mixed-content",
	"acs-hang", "acs-hang-in-body", "acs-http-404", "acs-http-500", "acs-redirect-loop", "acs-no-content", "acs-download",
	"acs-rejects-request", "acs-left-frame-refused", "acs-never-returned", "acs-needs-cookie", "acs-passkey",
	"notification-silent", "notification-error", "method-timeout",
	"result-contradicts-cres", "declined-expired-card", "declined-too-many-tries", "declined-suspected-fraud",
}

// withoutCookies are the faults that need a browser without third-party cookies.
var withoutCookies = map[string]bool{"acs-needs-cookie": true}

// The cards pay with a challenge. A fault of the challenge is had without a 3DS
// Method, whose ten seconds would shorten the challenge's.
const (
	cardWithMethod    = lab.DefaultCard
	cardWithoutMethod = "4000000000002040"
)

func cardFor(fault string) string {
	if fault == "" || fault == "method-timeout" || strings.HasPrefix(fault, "declined-") {
		return cardWithMethod
	}
	return cardWithoutMethod
}

// Compare pays with every SDK under every fault that makes sense in its page,
// a few at a time, and asks the diagnostic on the same page after it. It calls
// done after each payment, from one goroutine at a time.
func (s *Shop) Compare(ctx context.Context, done func(payments, of int)) ([]Row, error) {
	b := browsers{launcher: s.Launcher()}
	defer b.close()
	rows, err := newRows()
	if err != nil {
		return nil, err
	}
	const atOnce = 6 // they wait more than they work
	var (
		mu   sync.Mutex
		errs []error
		work sync.WaitGroup
		turn = make(chan struct{}, atOnce)
	)
	for _, row := range rows {
		for _, sdk := range All() {
			work.Go(func() {
				turn <- struct{}{}
				defer func() { <-turn }()
				p, err := s.payAndDiagnose(ctx, &b, sdk, row.Fault)
				mu.Lock()
				defer mu.Unlock()
				row.Payments[sdk.Name] = p
				errs = append(errs, err)
				done(len(errs), len(rows)*len(All()))
			})
		}
	}
	work.Wait()
	return rows, errors.Join(errs...)
}

// newRows fails where the lab does not have a fault any more.
func newRows() ([]Row, error) {
	rows := make([]Row, len(compared))
	for i, code := range compared {
		known := slices.ContainsFunc(lab.Faults(), func(f lab.Fault) bool { return f.Code == code })
		if code != "" && !known {
			return nil, fmt.Errorf("the lab has no fault %s", code)
		}
		rows[i] = Row{Fault: code, Payments: make(map[string]Payment)}
	}
	return rows, nil
}

func (s *Shop) payAndDiagnose(ctx context.Context, b *browsers, sdk SDK, fault string) (p Payment, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s with %s: %w", cmp.Or(fault, "no fault"), sdk.Name, err)
		}
	}()
	const limit = 4 * RowLimit // the browser's start and our own diagnosis included
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	profile := probe.Profile{}
	if withoutCookies[fault] {
		profile.ThirdPartyCookies = "block"
	}
	browser, err := b.get(ctx, profile)
	if err != nil {
		return p, err
	}
	page, err := browser.NewContext(ctx, probe.ContextOptions{})
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, page.Close()) }()
	var faults []string
	if fault != "" {
		faults = append(faults, fault)
	}
	if p, err = s.Pay(ctx, page, sdk, cardFor(fault), RowLimit, faults...); err != nil {
		return p, err
	}
	return p, p.Diagnose(ctx, page)
}

// browsers starts one browser a profile, when it is needed.
type browsers struct {
	launcher probe.Launcher
	mu       sync.Mutex
	started  map[string]probe.Browser // by its third-party cookies
}

func (b *browsers) get(ctx context.Context, p probe.Profile) (probe.Browser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if browser := b.started[p.ThirdPartyCookies]; browser != nil {
		return browser, nil
	}
	browser, err := b.launcher.Launch(ctx, p)
	if err != nil {
		return nil, err
	}
	if b.started == nil {
		b.started = make(map[string]probe.Browser)
	}
	b.started[p.ThirdPartyCookies] = browser
	return browser, nil
}

func (b *browsers) close() {
	for _, browser := range b.started {
		browser.Close() // what is left is a temporary folder
	}
}
