package sdks_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/sdks"
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/report"
)

// packages is where the SDKs are installed.
var packages = filepath.Join("..", "..", "web", "node_modules")

var (
	shop    *sdks.Shop
	browser probe.Browser
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if err := open(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer shop.Close()
	defer browser.Close()
	return m.Run()
}

func open(ctx context.Context) (err error) {
	if shop, err = sdks.Open(ctx, packages); err != nil {
		return err
	}
	browser, err = shop.Launcher().Launch(ctx, probe.Profile{})
	return err
}

// limit bounds a payment, far above the ten seconds that both SDKs give the 3DS
// Method.
const limit = 30 * time.Second

func newPage(t *testing.T) probe.Page {
	t.Helper()
	page, err := browser.NewContext(t.Context(), probe.ContextOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, page.Close()) })
	return page
}

func TestPayments(t *testing.T) {
	tests := []struct {
		name, card  string
		faults      []string
		transStatus string
		compInd     string // what the issuer was told of its 3DS Method
		basisTheory string // the last thing that each SDK says
		adyen       string
	}{
		{"2.1.0, method and challenge", "4000000000001140", nil, "Y", "Y", "startChallenge: successful", "onAdditionalDetails: transStatus Y"},
		{"2.2.0, method and challenge", "4000000000002140", nil, "Y", "Y", "startChallenge: successful", "onAdditionalDetails: transStatus Y"},
		{"2.2.0, no method", "4000000000002040", nil, "Y", "U", "startChallenge: successful", "onAdditionalDetails: transStatus Y"},
		{"2.1.0, challenge failed", "4000000000001141", nil, "N", "Y", "startChallenge: failed", "onAdditionalDetails: transStatus N"},
		{"2.2.0, challenge failed", "4000000000002141", nil, "N", "Y", "startChallenge: failed", "onAdditionalDetails: transStatus N"},
		{"method never calls back", "4000000000002140", []string{"method-timeout"}, "Y", "N", "startChallenge: successful", "onAdditionalDetails: transStatus Y"},
		{"frictionless", "4000000000002100", nil, "Y", "Y", "createSession: done", "onAdditionalDetails: transStatus Y"},
		{"declined without a challenge", "4000000000002110", nil, "N", "Y", "createSession: done", "onAdditionalDetails: transStatus N"},
	}
	for _, tt := range tests {
		for _, sdk := range sdks.All() {
			t.Run(tt.name+"/"+sdk.Name, func(t *testing.T) {
				t.Parallel()
				page := newPage(t)
				ctx, cancel := context.WithTimeout(t.Context(), 2*limit)
				defer cancel()
				p, err := shop.Pay(ctx, page, sdk, tt.card, limit, tt.faults...)
				require.NoError(t, err)
				require.True(t, p.Ended, "the SDK came to no end: %v", p.Said)
				require.NotEmpty(t, p.Said)
				assert.Equal(t, map[string]string{
					sdks.BasisTheory.Name: tt.basisTheory, sdks.Adyen.Name: tt.adyen,
				}[sdk.Name], p.Said[len(p.Said)-1].What)
				assert.Equal(t, tt.transStatus, p.TransStatus)
				var compInd string
				require.NoError(t, page.Eval(ctx, `document.querySelector("checkout-doctor").threeDS.compInd`, &compInd))
				assert.Equal(t, tt.compInd, compInd)
			})
		}
	}
}

// TestABlockedChallengeIsNamed shows what the diagnostic is for: the SDK takes
// the browser's error page for the issuer's.
func TestABlockedChallengeIsNamed(t *testing.T) {
	t.Parallel()
	page := newPage(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*limit)
	defer cancel()
	p, err := shop.Pay(ctx, page, sdks.Adyen, "4000000000002040", time.Second, "acs-frame-options")
	require.NoError(t, err)
	assert.False(t, p.Ended)
	require.NoError(t, page.Until(ctx, `shop.said.at(-1)?.what === "onActionHandled: 3DS2 challenge iframe loaded"`))
	require.NoError(t, p.Diagnose(ctx, page))
	require.NotEmpty(t, p.Report.Findings)
	assert.Equal(t, diagnosis.Code("threeds.acs-frame-options"), p.Report.Findings[0].Code)
}

// TestAPaymentThatWentThroughIsClear although each SDK words the challenge's end
// in its own way, and takes its frame out.
func TestAPaymentThatWentThroughIsClear(t *testing.T) {
	for _, sdk := range sdks.All() {
		t.Run(sdk.Name, func(t *testing.T) {
			t.Parallel()
			page := newPage(t)
			ctx, cancel := context.WithTimeout(t.Context(), 2*limit)
			defer cancel()
			p, err := shop.Pay(ctx, page, sdk, "4000000000002040", limit)
			require.NoError(t, err)
			require.True(t, p.Ended, "the SDK came to no end: %v", p.Said)
			require.NoError(t, p.Diagnose(ctx, page))
			assert.Equal(t, diagnosis.Clear, p.Report.Verdict, "%v", p.Report.NotChecked)
		})
	}
}

func TestMissingPackagesAreNamed(t *testing.T) {
	_, err := sdks.Open(t.Context(), t.TempDir())
	require.ErrorIs(t, err, sdks.ErrNoPackages)
	assert.ErrorContains(t, err, sdks.BasisTheory.Name)
}

func TestTableShowsWhatWasSaidBesideTheFinding(t *testing.T) {
	found := func(findings ...diagnosis.Finding) *report.Report {
		return &report.Report{Result: diagnosis.Result{Verdict: diagnosis.Clear, Findings: findings}}
	}
	blocked := diagnosis.Finding{Code: "threeds.acs-hang", Severity: diagnosis.Blocking, Confidence: diagnosis.Likely}
	declined := diagnosis.Finding{Code: "payment.declined", Severity: diagnosis.Blocking, Confidence: diagnosis.Certain, Variant: "expired-card"}
	notice := diagnosis.Finding{Code: "threeds.method-timeout", Severity: diagnosis.Notice, Confidence: diagnosis.Certain}
	rows := []sdks.Row{
		{Payments: map[string]sdks.Payment{
			sdks.BasisTheory.Name: {Ended: true, Said: []sdks.Statement{{At: 400, What: "begun"}, {At: 1250, What: "done"}}, Report: found(notice)},
			sdks.Adyen.Name:       {Ended: true, Report: found(declined)},
		}},
		{Fault: "acs-hang", Payments: map[string]sdks.Payment{
			sdks.BasisTheory.Name: {Said: []sdks.Statement{{At: 400, What: "begun"}}, Report: found(blocked), Watched: 4000},
			sdks.Adyen.Name:       {Report: found(blocked, notice)},
		}},
	}
	var text strings.Builder
	require.NoError(t, sdks.WriteTable(&text, rows))
	assert.Equal(t, strings.TrimLeft(`
| Fault      | @basis-theory/web-threeds   | Checkout Doctor beside it                       | @adyen/adyen-web | Checkout Doctor beside it                  |
| ---------- | --------------------------- | ----------------------------------------------- | ---------------- | ------------------------------------------ |
| none       | done (1.2 s)                | clear; notice 'threeds.method-timeout', certain | nothing          | 'payment.declined' (expired-card), certain |
| 'acs-hang' | begun (0.4 s), then nothing | 'threeds.acs-hang', likely (4.0 s)              | nothing          | 'threeds.acs-hang', likely                 |
`, "\n"), strings.ReplaceAll(text.String(), "`", "'"))
}
