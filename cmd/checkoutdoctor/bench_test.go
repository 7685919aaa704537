package main

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/probe/lab"
)

// What the bench asks of the pages.
const (
	benchModuleReady  = `document.querySelector("checkout-doctor")?.dataset.state === "ready"`
	benchPaymentEnded = `["paid", "failed"].includes(document.documentElement.dataset.state)`
	benchReported     = `document.querySelector("checkout-doctor").dataset.state === "done"`

	// The click itself is timed in the page, in the capture phase, so that
	// neither the driver's way to the browser nor its polling counts.
	benchTimer = `(() => {
	const element = document.querySelector("checkout-doctor")
	globalThis.clicked = 0
	addEventListener("click", () => { globalThis.clicked = performance.now() }, {capture: true})
	element.addEventListener("checkout-doctor:report", () => { globalThis.took = performance.now() - globalThis.clicked })
})()`
	benchButton = `(() => {
	const button = document.querySelector("checkout-doctor").shadowRoot.getElementById("diagnose")
	button.scrollIntoView({block: "center", behavior: "instant"})
	const box = button.getBoundingClientRect()
	return {x: box.left + box.width / 2, y: box.top + box.height / 2}
})()`
)

// frictionless is a card whose payment needs no challenge.
const frictionless = "4000000000002100"

// BenchmarkHealthy is the time from the click to the report, of a payment that
// went well, with the module cached. `make bench` runs it 10 times.
func BenchmarkHealthy(b *testing.B) { benchmarkDiagnosis(b, frictionless) }

// BenchmarkHangingIssuer is the same where the issuer's page never answers.
func BenchmarkHangingIssuer(b *testing.B) { benchmarkDiagnosis(b, lab.DefaultCard, "acs-hang") }

func benchmarkDiagnosis(b *testing.B, card string, faults ...string) {
	ctx, cancel := context.WithTimeout(b.Context(), 9*time.Minute)
	defer cancel()
	l, err := lab.Start(ctx, lab.Options{TimeScale: timeScale})
	require.NoError(b, err)
	defer l.Close()
	browser, err := chrome.New(chrome.Options{Address: l.Address(), CAPEM: l.CAPEM()}).Launch(ctx, probe.Profile{})
	require.NoError(b, err)
	defer browser.Close()
	page, err := browser.NewContext(ctx, probe.ContextOptions{})
	require.NoError(b, err)
	defer page.Close()

	url := l.PayURL(card, faults)
	diagnoseOnce(b, ctx, page, url) // fills the browser's cache
	var took []float64
	for b.Loop() {
		took = append(took, diagnoseOnce(b, ctx, page, url))
	}
	slices.Sort(took)
	b.ReportMetric(0, "ns/op") // the payment before the click is not what is measured
	b.ReportMetric(took[0], "ms-min")
	b.ReportMetric(took[len(took)/2], "ms-median")
	b.ReportMetric(took[len(took)-1], "ms-max")
}

// diagnoseOnce pays, presses the diagnostic's button and returns the
// milliseconds from the click to the report.
func diagnoseOnce(b *testing.B, ctx context.Context, page probe.Page, url string) float64 {
	b.Helper()
	require.NoError(b, page.Open(ctx, url))
	require.NoError(b, page.Until(ctx, `document.documentElement.dataset.state === "idle"`))
	require.NoError(b, page.Hover(ctx, "checkout-doctor"))
	require.NoError(b, page.Until(ctx, benchModuleReady))
	require.NoError(b, page.Click(ctx, "#pay"))
	require.NoError(b, page.Until(ctx, benchPaymentEnded))
	require.NoError(b, page.Eval(ctx, benchTimer, nil))
	var at struct{ X, Y float64 }
	require.NoError(b, page.Eval(ctx, benchButton, &at))
	require.NoError(b, page.ClickAt(ctx, at.X, at.Y))
	require.NoError(b, page.Until(ctx, benchReported))
	var took float64
	require.NoError(b, page.Eval(ctx, "globalThis.took", &took))
	return took
}
