package probe

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
)

func TestEveryCauseHasARule(t *testing.T) {
	var codes []diagnosis.Code
	for _, c := range diagnosis.Causes() {
		codes = append(codes, c.Code)
	}
	known := rules()
	assert.ElementsMatch(t, codes, slices.Collect(maps.Keys(known)))
	for code, r := range known {
		assert.NotEmpty(t, append(r.shows, r.denies...), "%s: a rule that asks for nothing", code)
	}
}

var testOrigins = Origins{
	Merchant: "https://pay.merchant.test", ThreeDSServer: "https://tds.gateway.test", ACS: "https://acs.issuer.test",
	ACS2: "https://acs2.redirect.test", Diag: "https://doctor.diag.test", Helper: "https://echo.helper.test",
}

const (
	acs  = "https://acs.issuer.test"
	tds  = "https://tds.gateway.test"
	shop = "https://pay.merchant.test"
)

// step is a document that was posted, and what came of it.
type step struct {
	to, by string
	code   int // 0: nothing came
}

// The steps of the default card's payment, in their order.
var (
	method       = step{acs, shop, 200}
	methodBack   = step{tds, "null", 200}
	challengeOK  = step{acs, shop, 200}
	answer       = step{acs, acs, 200}
	notification = step{tds, "null", 200}
)

// after is what the browser saw of a payment that took these steps.
func after(steps ...step) (t Truth) {
	for _, s := range steps {
		t.Posts = append(t.Posts, Post{Origin: s.to, By: s.by, At: int64(100 * len(t.Posts))})
		if s.code == 0 {
			t.Pending = append(t.Pending, s.to)
			continue
		}
		t.Statuses = append(t.Statuses, Status{Origin: s.to, Code: s.code, Frame: true, By: s.by})
	}
	return t
}

// with changes a truth.
func with(t Truth, change func(*Truth)) Truth {
	change(&t)
	return t
}

var helperPage = Status{Origin: "https://echo.helper.test", Code: 200, Frame: true}

func cookieIssue(origin string) Truth {
	return Truth{Issues: []Issue{{Code: "CookieIssue", Directive: "UserPreferences", Origin: origin}}}
}

// frameFailure is a challenge whose document fails.
func frameFailure(text string) Truth {
	return with(after(method, methodBack), func(t *Truth) {
		t.Failures = []Failure{{Origin: acs, Type: "Document", Frame: true, Error: "net::" + text}}
	})
}

// restricted is a payment that ends after the method, on a page with a header.
func restricted(header, value string) Truth {
	return with(after(method, methodBack), func(t *Truth) { t.Policies = map[string]string{header: value} })
}

func boxed(box Box) Truth {
	return with(after(method, methodBack, challengeOK), func(t *Truth) { t.Challenge = &box })
}

func console(lines ...string) (l Log) {
	for _, text := range lines {
		l.Console = append(l.Console, LogLine{Text: text})
	}
	return l
}

func network(lines ...string) (l Log) {
	for _, text := range lines {
		l.Network = append(l.Network, LogLine{Text: text})
	}
	return l
}

// startAnswered is the merchant's answer to the payment's first call.
func startAnswered(status int) Log {
	return network(fmt.Sprintf("Fetch POST https://pay.merchant.test/pay/start -> %d", status))
}

// sight is what the browser shows where a finding is right, and where it is wrong.
type sight struct{ right, wrong view }

// TestFindingsAndTheBrowsersView gives each cause what the browser shows where
// it is right, and what it shows where the finding is wrong.
func TestFindingsAndTheBrowsersView(t *testing.T) {
	working := after(method, methodBack, challengeOK, answer, notification)
	open := after(method, methodBack, challengeOK)
	unanswered := after(method, methodBack, step{acs, shop, 0})
	early := after(method, methodBack)
	offline := Truth{Failures: []Failure{{Origin: shop, Error: "net::ERR_INTERNET_DISCONNECTED"}}}
	diagFailure := Truth{Failures: []Failure{{Origin: testOrigins.Diag, Error: "net::ERR_FAILED"}}}
	sights := map[diagnosis.Code]sight{
		"popup.blocked": {view{whole: Truth{Popups: 1}}, view{payment: Truth{Popups: 1}}},
		"popup.sandboxed": {
			view{log: console("Blocked opening '' in a new window: the frame lacks 'allow-popups'")}, view{},
		},
		"popup.overridden":     {wrong: view{whole: Truth{Popups: 1}}},
		"popup.closed-at-once": {right: view{whole: Truth{Popups: 1}}},

		"blocker.frame-blocked": {view{payment: frameFailure("ERR_BLOCKED_BY_CLIENT")}, view{payment: frameFailure("ERR_CONNECTION_RESET")}},
		"blocker.frame-hidden":  {view{payment: boxed(Box{})}, view{payment: boxed(Box{Width: 390, Height: 400})}},
		"blocker.acs-script": {
			view{payment: with(open, func(t *Truth) {
				t.Failures = []Failure{{Origin: acs, Type: "Script", Error: "net::ERR_BLOCKED_BY_CLIENT"}}
			})},
			view{payment: with(open, func(t *Truth) {
				t.Failures = []Failure{{Origin: shop, Type: "Script", Error: "net::ERR_BLOCKED_BY_CLIENT"}}
			})},
		},

		"blocker.frame-removed": {
			view{payment: with(open, func(t *Truth) { t.Removed = []Removal{{acs, 1200}} })}, view{payment: open},
		},
		"blocker.anti-fraud": {
			view{payment: Truth{Failures: []Failure{{Origin: "https://h.online-metrix.net", Type: "Script"}}}},
			view{payment: Truth{Failures: []Failure{{Origin: shop, Type: "Script"}}}},
		},
		"blocker.content-blocker": {
			view{whole: Truth{Failures: []Failure{{Origin: testOrigins.Diag, Error: "net::ERR_BLOCKED_BY_CLIENT"}}}}, view{},
		},

		"cookie.disabled": {
			view{whole: cookieIssue(shop), log: startAnswered(401)},
			view{log: startAnswered(401)},
		},
		"cookie.first-party-blocked": {
			view{whole: cookieIssue(shop), log: startAnswered(401)},
			view{whole: cookieIssue(shop), log: startAnswered(200)},
		},
		"cookie.header-stripped": {
			view{whole: Truth{Statuses: []Status{helperPage}}},
			view{whole: Truth{Statuses: []Status{helperPage}, Issues: cookieIssue(testOrigins.Helper).Issues}},
		},
		"cookie.script-hidden": {
			view{whole: Truth{Statuses: []Status{helperPage}}},
			view{whole: Truth{Statuses: []Status{helperPage}, Issues: cookieIssue(testOrigins.Helper).Issues}},
		},
		"cookie.expires-at-once":  {view{log: startAnswered(403)}, view{paid: true, log: startAnswered(403)}},
		"cookie.jar-overfull":     {view{log: startAnswered(401)}, view{log: startAnswered(200)}},
		"cookie.duplicate":        {view{log: startAnswered(403)}, view{whole: cookieIssue(shop), log: startAnswered(403)}},
		"cookie.header-too-large": {view{log: startAnswered(431)}, view{log: startAnswered(413)}},
		"cookie.samesite-lost": {
			view{payment: with(away(), func(t *Truth) { t.Issues = []Issue{{Code: SameSiteIssue, Origin: shop}} })},
			view{payment: away()},
		},

		"storage.refused":  {wrong: view{paid: true}},
		"storage.full":     {wrong: view{paid: true}},
		"storage.not-kept": {wrong: view{paid: true}},
		"cookie.third-party-blocked": {
			view{whole: Truth{Statuses: []Status{helperPage}, Issues: cookieIssue(testOrigins.Helper).Issues}},
			view{whole: Truth{Statuses: []Status{helperPage}}},
		},
		"cookie.third-party-partitioned": {right: view{whole: Truth{Statuses: []Status{helperPage}}}},
		"cache.stale-worker": {
			view{log: network("Fetch POST https://pay.merchant.test/pay/old -> 410")}, view{paid: true},
		},
		"cache.worker-waiting": {view{log: startAnswered(410)}, view{log: startAnswered(200)}},
		"cache.stale-page":     {view{log: startAnswered(410)}, view{log: startAnswered(200)}},
		"cache.stale-storage":  {view{log: startAnswered(410)}, view{log: startAnswered(200)}},
		"cache.build-mismatch": {view{log: startAnswered(410)}, view{log: startAnswered(200)}},
		"cache.missing-chunk": {
			view{log: network("Script GET https://pay.merchant.test/assets/chunk.js -> 404")},
			view{log: network("Script GET https://pay.merchant.test/assets/chunk.js -> 200")},
		},
		"cache.integrity": {
			view{log: console("Failed to find a valid digest in the 'integrity' attribute for resource")}, view{},
		},
		"cache.stale-script":            {right: view{log: network("Fetch POST https://pay.merchant.test/pay/old -> 410")}},
		"network.offline":               {right: view{whole: offline}},
		"network.captive-portal":        {view{whole: diagFailure}, view{}},
		"network.large-transfers-stall": {wrong: view{whole: offline}},
		"network.flapping": {
			view{whole: Truth{Failures: []Failure{{Origin: shop, Error: "net::ERR_TUNNEL_CONNECTION_FAILED"}}}}, view{whole: diagFailure},
		},
		"network.slow": {wrong: view{whole: Truth{Failures: []Failure{{Origin: shop, Error: "net::ERR_CONNECTION_RESET"}}}}},
		"network.dns": {
			view{whole: Truth{Failures: []Failure{{Origin: "https://js.gateway.test", Error: "net::ERR_NAME_NOT_RESOLVED"}}}},
			view{whole: diagFailure},
		},
		"network.provider-unreachable": {wrong: view{whole: offline}},
		"network.tls-replaced":         {wrong: view{whole: diagFailure}},
		"network.proxy":                {wrong: view{whole: diagFailure}},
		"network.clock-skew":           {wrong: view{whole: Truth{Failures: []Failure{{Origin: shop, Error: "net::ERR_CERT_DATE_INVALID"}}}}},

		"vpn.suspected":               {wrong: view{whole: diagFailure}},
		"vpn.likely":                  {wrong: view{whole: diagFailure}},
		"vpn.relay":                   {wrong: view{whole: diagFailure}},
		"environment.in-app-web-view": {right: view{agent: "App/1.0"}},
		"environment.wasm-refused": {
			view{whole: Truth{Statuses: []Status{{Origin: "https://doctor.diag.test", Frame: true, Code: 200}}}},
			view{whole: Truth{Statuses: []Status{{Origin: "https://doctor.diag.test", Frame: true, Code: 404}}}},
		},

		"threeds.page-csp-frame-src": {
			view{
				payment: restricted(csp, "frame-src 'self'"),
				log:     console(`Framing 'https://acs.issuer.test/' violates the following Content Security Policy directive: "frame-src 'self'"`),
			},
			view{payment: working},
		},
		"threeds.page-csp-form-action": {
			view{
				payment: restricted(csp, "form-action 'self'"),
				log:     console(`Sending form data to 'https://acs.issuer.test/' violates the following Content Security Policy directive: "form-action 'self'"`),
			},
			view{payment: restricted(csp, "form-action 'self'")},
		},
		"threeds.page-csp-script-src": {
			view{
				payment: with(Truth{}, func(t *Truth) { t.Policies = map[string]string{csp: "script-src 'self'"} }),
				log:     console(`Loading the script violates the following Content Security Policy directive: "script-src 'self'"`),
			},
			view{payment: working},
		},
		"threeds.page-trusted-types": {
			view{
				payment: restricted(csp, "require-trusted-types-for 'script'"),
				log:     console("exception: TypeError: Failed to set 'innerHTML': This document requires 'TrustedHTML' assignment."),
			},
			view{payment: restricted(csp, "require-trusted-types-for 'script'")},
		},
		"threeds.page-cross-origin-isolated": {
			view{payment: with(frameFailure("ERR_BLOCKED_BY_RESPONSE"), func(t *Truth) {
				t.Policies = map[string]string{"cross-origin-embedder-policy": "require-corp"}
			})},
			view{payment: frameFailure("ERR_BLOCKED_BY_RESPONSE")},
		},
		"threeds.page-opener-policy": {
			view{payment: with(restricted("cross-origin-opener-policy", "same-origin"), func(t *Truth) { t.Popups = 1 })},
			view{payment: restricted("cross-origin-opener-policy", "same-origin")},
		},
		"threeds.page-permissions-policy": {
			view{payment: restricted("permissions-policy", "payment=(), publickey-credentials-get=()")},
			view{payment: restricted("permissions-policy", "payment=()")},
		},
		"threeds.mixed-content": {
			view{payment: with(early, func(t *Truth) { t.Issues = []Issue{{Code: "MixedContentIssue"}} })}, view{payment: early},
		},
		"threeds.frame-permissions": {
			view{payment: open}, view{payment: restricted("permissions-policy", "publickey-credentials-get=()")},
		},
		"threeds.frame-sandbox": {
			view{payment: open, log: console("Blocked form submission because the form's frame is sandboxed")},
			view{payment: unanswered},
		},
		"threeds.frame-sandbox-origin": {view{payment: working}, view{payment: open}},
		"threeds.frame-too-small":      {view{payment: boxed(Box{Width: 120, Height: 90})}, view{payment: boxed(Box{Width: 250, Height: 400})}},
		"threeds.frame-covered":        {view{payment: boxed(Box{Width: 250, Height: 400, Covered: true})}, view{payment: boxed(Box{Width: 250, Height: 400})}},
		"threeds.frame-removed": {
			view{payment: with(open, func(t *Truth) { t.Removed = []Removal{{tds, 110}, {acs, 1200}} })},
			view{payment: with(open, func(t *Truth) { t.Removed = []Removal{{acs, 110}} })}, // the method's
		},
		"threeds.two-challenges": {view{payment: after(method, methodBack, challengeOK, challengeOK)}, view{payment: working}},

		"threeds.acs-frame-options": {
			view{payment: frameFailure("ERR_BLOCKED_BY_RESPONSE"), log: console("Refused to display: it set 'X-Frame-Options' to 'deny'")},
			view{payment: frameFailure("ERR_BLOCKED_BY_RESPONSE"), log: console("Refused to frame: frame-ancestors 'none'")},
		},
		"threeds.acs-frame-ancestors": {
			view{payment: frameFailure("ERR_BLOCKED_BY_RESPONSE"), log: console("Refused to frame: frame-ancestors 'none'")},
			view{payment: working},
		},
		"threeds.acs-unreachable": {view{payment: frameFailure("ERR_NAME_NOT_RESOLVED")}, view{payment: frameFailure("ERR_BLOCKED_BY_CLIENT")}},
		"threeds.local-network-denied": {
			view{payment: frameFailure("ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS")}, view{payment: frameFailure("ERR_BLOCKED_BY_CLIENT")},
		},
		"threeds.acs-hang":    {view{payment: unanswered}, view{payment: open}},
		"threeds.acs-no-page": {view{payment: after(method, methodBack, step{acs, shop, 204})}, view{payment: open}},
		"threeds.acs-no-sign-of-life": {
			view{payment: after(method, methodBack, step{acs, shop, 500})}, view{payment: frameFailure("ERR_BLOCKED_BY_RESPONSE")},
		},
		"threeds.acs-http-error":       {view{payment: after(method, methodBack, step{acs, shop, 500})}, view{payment: open}},
		"threeds.acs-redirect-loop":    {view{payment: frameFailure("ERR_TOO_MANY_REDIRECTS")}, view{payment: frameFailure("ERR_FAILED")}},
		"threeds.acs-rejected-request": {view{payment: open}, view{payment: working}},
		"threeds.acs-left-frame": {
			view{payment: with(open, func(t *Truth) { t.Statuses = append(t.Statuses, Status{Origin: acs, Code: 200}) })}, view{payment: open},
		},
		"threeds.acs-never-returned": {view{payment: after(method, methodBack, challengeOK, answer)}, view{payment: working}},
		"threeds.acs-needs-cookie": {
			view{payment: after(method, methodBack, step{acs, shop, 307}, challengeOK), whole: cookieIssue(acs)},
			view{payment: after(method, methodBack, step{acs, shop, 307}, challengeOK)},
		},
		"threeds.challenge-timeout": {view{payment: open}, view{payment: working}},

		"threeds.method-timeout":        {view{payment: after(method, challengeOK, answer, notification)}, view{payment: working}},
		"threeds.method-timeout-fatal":  {view{payment: after(method)}, view{payment: after(method, challengeOK)}},
		"threeds.message-ignored":       {view{payment: working}, view{payment: open}},
		"threeds.message-malformed":     {view{payment: working}, view{payment: open}},
		"threeds.notification-rejected": {view{payment: early}, view{payment: open}},
		"threeds.notification-silent":   {view{payment: working}, view{payment: open}},
		"threeds.notification-session-lost": {
			view{payment: after(method, methodBack, challengeOK, answer, step{shop, "null", 403})},
			view{payment: after(method, methodBack, challengeOK, answer, step{shop, "null", 200})},
		},
		"threeds.notification-frame-options": {
			view{
				payment: with(after(method, methodBack, challengeOK, answer, step{shop, "null", 200}), func(t *Truth) {
					t.Failures = []Failure{{Origin: shop, Frame: true, Error: "net::ERR_BLOCKED_BY_RESPONSE"}}
				}),
				log: console("Refused to display: it set 'X-Frame-Options' to 'deny'"),
			},
			view{payment: working},
		},
		"threeds.notification-swallowed": {
			view{payment: with(after(method, methodBack, challengeOK, answer, step{shop, "null", 200}), func(t *Truth) {
				t.Statuses[len(t.Statuses)-1].Worker = true
			})},
			view{payment: working},
		},

		"payment.declined": {view{payment: working}, view{payment: working, paid: true}},
		"payment.nothing-found": {
			view{payment: working, paid: true}, view{payment: after(method, methodBack, step{acs, shop, 500})},
		},
		"self.check-crashed": {},
		"self.vantage-unreachable": {
			right: view{whole: Truth{Failures: []Failure{{Origin: "https://doctor.diag.test", Type: "Fetch", Error: "net::ERR_FAILED"}}}},
		},
		"self.helper-unreachable": {
			view{whole: Truth{Statuses: []Status{{Origin: testOrigins.Helper, Code: 200, Frame: true, By: shop}}}}, // the canary's
			view{whole: Truth{Statuses: []Status{helperPage}}},
		},
		"self.canary-unreachable": {
			view{whole: Truth{Statuses: []Status{helperPage}, Failures: []Failure{{Type: "Fetch", Error: "net::ERR_NAME_NOT_RESOLVED"}}}},
			view{whole: Truth{Statuses: []Status{{Origin: testOrigins.Helper, Code: 200, Frame: true, By: shop}}}},
		},
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(rules())), slices.Collect(maps.Keys(sights)))
	for code, s := range sights {
		t.Run(string(code), func(t *testing.T) {
			if code != "self.check-crashed" {
				assert.Empty(t, contradictions(finding(code, s.right)))
			}
			assert.NotEmpty(t, contradictions(finding(code, s.wrong)))
		})
	}
}

// finding is a view of a report with that one finding.
func finding(code diagnosis.Code, v view) *view {
	v.report = &report.Report{Facts: &facts.Set{}}
	v.report.Findings = []diagnosis.Finding{{Code: code}}
	v.origins, v.card = testOrigins, DefaultCard
	return &v
}

func TestFactsThatTheBrowserKnowsBetter(t *testing.T) {
	for name, test := range map[string]struct {
		claim func(*facts.Set)
		view  view
	}{
		"no window was opened": {
			func(s *facts.Set) { s.PutString(facts.PopupResult, "null", "popup") },
			view{whole: Truth{Popups: 1}},
		},
		"third-party cookies are kept": {
			func(s *facts.Set) { s.PutBool(facts.ThirdPartyHeader, true, "helper") },
			view{whole: cookieIssue(testOrigins.Helper)},
		},
		"the challenge was completed": {
			func(s *facts.Set) { s.PutBool(facts.FrameCompleted, true, "frame") },
			view{payment: frameFailure("ERR_CONNECTION_RESET")},
		},
		"the browser is online, and was all the time": {
			func(s *facts.Set) { s.PutBool(facts.Online, true, "network") },
			view{whole: Truth{Failures: []Failure{{Error: "net::ERR_INTERNET_DISCONNECTED"}}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := finding("vpn.suspected", test.view)
			assert.Empty(t, contradictions(v))
			test.claim(v.report.Facts)
			problems := contradictions(v)
			require.Len(t, problems, 1)
			assert.Equal(t, Untrue, problems[0].Kind)
			assert.Contains(t, problems[0].Text, name)
		})
	}
}

func TestAnExtensionTakesACookieThatTheBrowserKeeps(t *testing.T) {
	stuck := after(method, methodBack, step{acs, shop, 307}, challengeOK)
	taken := finding("threeds.acs-needs-cookie", view{payment: stuck})
	taken.report.Findings[0].Variant = "taken-by-extension"
	assert.Empty(t, contradictions(taken))
	taken.whole = cookieIssue(acs)
	assert.NotEmpty(t, contradictions(taken), "the browser refused it itself")
}

func TestAScriptIsReplacedByWayOfARedirect(t *testing.T) {
	open := after(method, methodBack, challengeOK)
	script := "Script GET " + acs + "/fingerprint2.min.js -> "
	assert.Empty(t, contradictions(finding("blocker.acs-script", view{payment: open, log: network(script + "307")})))
	assert.NotEmpty(t, contradictions(finding("blocker.acs-script", view{payment: open, log: network(script + "200")})))
}

func TestACardWithoutAMethodHasNoMethodPage(t *testing.T) {
	v := finding("threeds.challenge-timeout", view{payment: after(challengeOK)})
	v.card = "4000000000002040"
	assert.Empty(t, contradictions(v), "the only page is the challenge")
	v.card = "4000000000002140"
	assert.NotEmpty(t, contradictions(v), "the only page is the method's")
}

func TestAMethodThatEndsLateIsNoNotificationOfTheChallenge(t *testing.T) {
	late := finding("threeds.method-timeout", view{payment: after(method, challengeOK)})
	assert.Empty(t, contradictions(late))
	assert.Zero(t, late.challengesReturned())
	assert.Empty(t, late.notificationStatuses())
}

func TestAMethodThatEndsJustInTimeMayBeToldTooLate(t *testing.T) {
	truth := after(method, methodBack, challengeOK)
	truth.Posts[2].At = 1600
	assert.Empty(t, contradictions(finding("threeds.method-timeout", view{payment: truth})))
}

func TestWhatNoInstrumentShowsIsSaid(t *testing.T) {
	assert.Contains(t, TruthLimitOf("threeds.message-ignored"), "message")
	assert.Empty(t, TruthLimitOf("threeds.acs-hang"))
	v := finding("threeds.message-ignored", view{})
	assert.Equal(t, []TruthLimit{{"threeds.message-ignored", TruthLimitOf("threeds.message-ignored")}}, truthLimits(v.report))
}
