package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
)

// firefoxDir holds reports that a real Firefox gave in the lab.
// `make golden-firefox` records them anew.
var firefoxDir = filepath.Join("..", "..", "testdata", "firefox")

// signs are what a Firefox page sees of a challenge frame and of its issuer:
// load events, what reading the frame's location gives, and what a request and
// an object for the issuer's page do. Zero is what does not apply.
type signs struct {
	loads                 int64
	access, fetch, object string
}

// firefoxRuns say what Firefox shows in each recorded run, and the one cause
// that explains the failure; none where the payment went through or goes on.
var firefoxRuns = map[string]struct {
	signs signs
	found diagnosis.Code
}{
	// A challenge that works.
	"challenge":             {signs{2, "cross-origin", "", ""}, ""},
	"challenge-left-open":   {signs{1, "cross-origin", "answered", "loaded"}, ""},
	"acs-resource-policy":   {signs{2, "cross-origin", "", ""}, ""},
	"acs-two-hops":          {signs{2, "cross-origin", "", ""}, ""},
	"acs-post-only":         {signs{2, "cross-origin", "", ""}, ""},
	"page-csp-strict":       {signs{2, "cross-origin", "", ""}, ""},
	"frame-in-dialog":       {signs{2, "cross-origin", "", ""}, ""},
	"notification-merchant": {signs{2, "same-origin", "", ""}, ""},
	// Cookies of other sites: kept, but apart for each page; the issuer's that insists on one is content with that.
	"acs-needs-cookie":                     {signs{2, "cross-origin", "", ""}, ""},
	"acs-needs-script-cookie":              {signs{2, "cross-origin", "", ""}, ""},
	"third-party-blocked":                  {signs{2, "cross-origin", "", ""}, ""},
	"third-party-blocked-acs-needs-cookie": {signs{1, "cross-origin", "answered", "loaded"}, "threeds.acs-needs-cookie"},
	// The issuer forbids framing, or answers with an error: alike, and no prefetch tells them apart.
	"acs-frame-options":   {signs{1, "cross-origin", "answered", "failed"}, "threeds.acs-no-sign-of-life"},
	"acs-frame-ancestors": {signs{1, "cross-origin", "answered", "failed"}, "threeds.acs-no-sign-of-life"},
	"acs-http-404":        {signs{1, "cross-origin", "answered", "failed"}, "threeds.acs-no-sign-of-life"},
	"acs-http-500":        {signs{1, "cross-origin", "answered", "failed"}, "threeds.acs-no-sign-of-life"},
	"acs-http-500-canary": {signs{1, "cross-origin", "answered", "failed"}, "threeds.acs-http-error"},
	// The page's policies: a refused frame fires no load, a refused form may throw, and no redirect of a form is looked at.
	"page-csp-frame-src":            {signs{0, "blank", "answered", "loaded"}, "threeds.page-csp-frame-src"},
	"page-csp-frame-src-redirect":   {signs{0, "cross-origin", "answered", "loaded"}, "threeds.page-csp-frame-src"},
	"page-csp-form-action":          {signs{0, "", "", ""}, "threeds.page-csp-form-action"},
	"page-csp-form-action-redirect": {signs{2, "cross-origin", "", ""}, ""},
	"page-csp-script-src":           {signs{0, "", "", ""}, "threeds.page-csp-script-src"},
	"page-trusted-types":            {signs{0, "", "answered", "loaded"}, "threeds.page-trusted-types"},
	"page-opener-policy":            {signs{0, "", "answered", "loaded"}, "threeds.page-opener-policy"},
	"acs-mixed-content":             {signs{0, "blank", "failed", "failed"}, "threeds.mixed-content"},
	// An isolated page: no report says so.
	"page-coep-require-corp":   {signs{0, "cross-origin", "failed", "failed"}, "threeds.page-cross-origin-isolated"},
	"page-coep-credentialless": {signs{0, "cross-origin", "answered", "loaded"}, "threeds.page-cross-origin-isolated"},
	// Errors of the network: no load.
	"acs-dns":                  {signs{0, "cross-origin", "failed", "failed"}, "threeds.acs-unreachable"},
	"acs-tls-expired":          {signs{0, "cross-origin", "failed", "failed"}, "threeds.acs-unreachable"},
	"acs-tls-wrong-name":       {signs{0, "cross-origin", "failed", "failed"}, "threeds.acs-unreachable"},
	"acs-tls-untrusted":        {signs{0, "cross-origin", "failed", "failed"}, "threeds.acs-unreachable"},
	"acs-redirect-loop":        {signs{0, "cross-origin", "answered", "failed"}, "threeds.acs-no-sign-of-life"},
	"acs-redirect-loop-canary": {signs{0, "cross-origin", "failed", "failed"}, "threeds.acs-redirect-loop"},
	// No page: an object waits for a hanging issuer, and fails at once for 204.
	"acs-hang":         {signs{0, "blank", "answered", "timed-out"}, "threeds.acs-hang"},
	"acs-hang-in-body": {signs{0, "cross-origin", "answered", "timed-out"}, "threeds.acs-hang"},
	"acs-no-content":   {signs{0, "blank", "answered", "failed"}, "threeds.acs-no-page"},
	"acs-download":     {signs{0, "blank", "answered", "failed"}, "threeds.acs-no-page"},
	// The issuer at work.
	"acs-rejects-request": {signs{1, "cross-origin", "answered", "loaded"}, "threeds.acs-rejected-request"},
	"creq-twice":          {signs{2, "cross-origin", "answered", "loaded"}, "threeds.acs-rejected-request"},
	"acs-never-returned":  {signs{1, "cross-origin", "answered", "loaded"}, "threeds.acs-never-returned"},
	// The frame.
	"frame-sandbox-no-forms":       {signs{1, "cross-origin", "answered", "loaded"}, "threeds.frame-sandbox"},
	"frame-sandbox-no-scripts":     {signs{2, "cross-origin", "answered", "loaded"}, "threeds.frame-sandbox"},
	"frame-sandbox-no-same-origin": {signs{2, "cross-origin", "", ""}, "threeds.frame-sandbox-origin"},
	"frame-covered":                {signs{1, "cross-origin", "answered", "loaded"}, "threeds.frame-covered"},
	"frame-behind-dialog":          {signs{1, "cross-origin", "answered", "loaded"}, "threeds.frame-covered"},
	"frame-too-small":              {signs{1, "cross-origin", "answered", "loaded"}, "threeds.frame-too-small"},
	"frame-removed":                {signs{1, "", "answered", "loaded"}, "threeds.frame-removed"},
	"two-challenges":               {signs{1, "cross-origin", "answered", "loaded"}, "threeds.two-challenges"},
	// The challenge's end.
	"notification-silent":        {signs{2, "cross-origin", "answered", "loaded"}, "threeds.notification-silent"},
	"notification-error":         {signs{2, "cross-origin", "answered", "loaded"}, "threeds.notification-silent"},
	"notification-frame-options": {signs{2, "cross-origin", "answered", "loaded"}, "threeds.notification-frame-options"},
	"notification-session-lost":  {signs{2, "same-origin", "answered", "loaded"}, "threeds.notification-session-lost"},
	"notification-swallowed":     {signs{2, "same-origin", "answered", "loaded"}, "threeds.notification-swallowed"},
	"message-wrong-origin":       {signs{2, "cross-origin", "", ""}, "threeds.message-ignored"},
	// Windows, cookies, storage and old builds, and extensions: all as in Chromium but for a blocked frame, which stays blank.
	"cookies-blocked":                 {signs{0, "", "", ""}, "cookie.disabled"},
	"private-window":                  {signs{2, "cross-origin", "", ""}, ""},
	"popup-too-late":                  {signs{0, "", "answered", "loaded"}, "popup.blocked"},
	"popup-second":                    {signs{0, "", "", ""}, "popup.blocked"},
	"header-too-large":                {signs{0, "", "", ""}, "cookie.header-too-large"},
	"cookie-duplicate":                {signs{0, "", "", ""}, "cookie.duplicate"},
	"clock-behind":                    {signs{0, "", "", ""}, "cookie.expires-at-once"},
	"storage-used":                    {signs{2, "cross-origin", "", ""}, ""},
	"stale-worker":                    {signs{0, "", "", ""}, "cache.stale-worker"},
	"stale-script":                    {signs{0, "", "", ""}, "cache.stale-script"},
	"stale-storage":                   {signs{0, "", "", ""}, "cache.stale-storage"},
	"stale-integrity":                 {signs{0, "", "", ""}, "cache.integrity"},
	"missing-chunk":                   {signs{0, "", "", ""}, "cache.missing-chunk"},
	"build-mismatch":                  {signs{0, "", "", ""}, "cache.build-mismatch"},
	"page-types-strict":               {signs{2, "cross-origin", "", ""}, ""},
	"extension-block-acs":             {signs{0, "blank", "failed", "failed"}, "blocker.frame-blocked"},
	"extension-block-device-script":   {signs{1, "cross-origin", "answered", "loaded"}, "blocker.acs-script"},
	"extension-block-trackers":        {signs{2, "cross-origin", "", ""}, ""},
	"extension-deny-storage":          {signs{0, "", "", ""}, "storage.refused"},
	"extension-harmless":              {signs{2, "cross-origin", "", ""}, ""},
	"extension-hide-cookies":          {signs{2, "cross-origin", "", ""}, ""},
	"extension-hide-frame":            {signs{1, "cross-origin", "answered", "loaded"}, "blocker.frame-hidden"},
	"extension-popup-close":           {signs{2, "cross-origin", "", ""}, "popup.closed-at-once"},
	"extension-popup-fake":            {signs{2, "cross-origin", "", ""}, "popup.overridden"},
	"extension-popup-null":            {signs{2, "cross-origin", "", ""}, "popup.overridden"},
	"extension-remove-frame":          {signs{1, "", "answered", "loaded"}, "blocker.frame-removed"},
	"extension-replace-device-script": {signs{1, "cross-origin", "answered", "loaded"}, "blocker.acs-script"},
	"extension-strip-cookies":         {signs{2, "cross-origin", "", ""}, ""},
	"extension-wipe-storage":          {signs{0, "", "", ""}, "storage.not-kept"},
}

func TestFirefoxIsDiagnosedByItsOwnSigns(t *testing.T) {
	runs := firefoxReports(t)
	for name, want := range firefoxRuns {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, runs, name)
			r := report.Replay(runs[name])
			assert.Equal(t, want.signs, signsIn(r.Facts))
			if want.found == "" {
				assert.Equal(t, diagnosis.Clear, r.Verdict)
				assert.Empty(t, explanations(r))
				return
			}
			assert.Contains(t, []diagnosis.Verdict{diagnosis.Blocked, diagnosis.Degraded}, r.Verdict)
			assert.Equal(t, []diagnosis.Code{want.found}, explanations(r))
		})
	}
	for name := range runs {
		assert.Contains(t, firefoxRuns, name, "nothing is expected of a recorded run")
	}
}

// TestFirefoxCannotTellWhoForbidsFraming: neither a report nor a prefetch says
// that it is the framing, so that the finding has to leave it open. An error
// page for what went wrong on the way is of another kind.
func TestFirefoxCannotTellWhoForbidsFraming(t *testing.T) {
	runs := firefoxReports(t)
	for name, oneOf := range map[string][]string{
		"acs-frame-options":   {"error-page", "issuer-silent", "framing-forbidden"},
		"acs-frame-ancestors": {"error-page", "issuer-silent", "framing-forbidden"},
		"acs-http-500":        {"error-page", "issuer-silent", "framing-forbidden"},
		"acs-redirect-loop":   {"error-page", "issuer-silent"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, runs, name)
			findings := report.Replay(runs[name]).Findings
			require.NotEmpty(t, findings)
			assert.Equal(t, diagnosis.Possible, findings[0].Confidence)
			assert.Equal(t, oneOf, findings[0].OneOf)
		})
	}
}

func TestFirefoxKeepsThirdPartyCookiesApartUnlessToldToBlockThem(t *testing.T) {
	runs := firefoxReports(t)
	for name, want := range map[string]diagnosis.Code{
		"challenge":           "cookie.third-party-partitioned",
		"third-party-blocked": "cookie.third-party-blocked",
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, runs, name)
			findings := report.Replay(runs[name]).Findings
			require.NotEmpty(t, findings)
			assert.Equal(t, want, findings[0].Code)
		})
	}
}

func firefoxReports(t *testing.T) map[string]*report.Report {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(firefoxDir, "*.json"))
	require.NoError(t, err)
	runs := make(map[string]*report.Report)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		r, err := report.Decode(text)
		require.NoError(t, err, file)
		engine, _ := r.Facts.String(facts.Engine)
		require.Equal(t, "firefox", engine, file)
		runs[strings.TrimSuffix(filepath.Base(file), ".json")] = r
	}
	return runs
}

func signsIn(s *facts.Set) (seen signs) {
	seen.loads, _ = s.Int(facts.FrameLoads)
	seen.access, _ = s.String(facts.FrameAccess)
	seen.fetch, _ = s.String(facts.ACSFetch)
	seen.object, _ = s.String(facts.ACSObject)
	return seen
}

// explanations are the findings but for notices, which explain no failure.
func explanations(r *report.Report) (found []diagnosis.Code) {
	for _, f := range r.Findings {
		if f.Severity != diagnosis.Notice {
			found = append(found, f.Code)
		}
	}
	return found
}
