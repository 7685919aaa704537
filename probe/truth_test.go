package probe

import (
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

const acs = "https://acs.issuer.test"

// The frames of the default card's payment, in their order.
var (
	methodPage       = Status{Origin: acs, Code: 200, Frame: true}
	methodAnswer     = Status{Origin: "https://tds.gateway.test", Code: 200, Frame: true}
	challengePage    = Status{Origin: acs, Code: 200, Frame: true}
	challengeError   = Status{Origin: acs, Code: 500, Frame: true}
	challengeHop     = Status{Origin: acs, Code: 302, Frame: true}
	notificationPage = Status{Origin: "https://tds.gateway.test", Code: 200, Frame: true}
	helperPage       = Status{Origin: "https://echo.helper.test", Code: 200, Frame: true}
)

func statusesOf(list ...Status) Truth { return Truth{Statuses: list} }

func cookieIssue(origin string) Truth {
	return Truth{Issues: []Issue{{Code: "CookieIssue", Directive: "UserPreferences", Origin: origin}}}
}

func frameFailure(text string) Truth {
	return Truth{
		Statuses: []Status{methodPage, methodAnswer},
		Failures: []Failure{{Origin: acs, Type: "Document", Frame: true, Error: "net::" + text}},
	}
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

// TestFindingsAndTheBrowsersView gives each cause what the browser shows where
// it is right, and what it shows where the finding is wrong.
func TestFindingsAndTheBrowsersView(t *testing.T) {
	working := statusesOf(methodPage, methodAnswer, challengePage, notificationPage)
	unanswered := statusesOf(methodPage, methodAnswer)
	for code, test := range map[diagnosis.Code]struct{ right, wrong view }{
		"popup.blocked": {
			right: view{whole: Truth{Popups: 1}},
			wrong: view{payment: Truth{Popups: 1}},
		},
		"popup.overridden":     {wrong: view{whole: Truth{Popups: 1}}},
		"popup.closed-at-once": {right: view{whole: Truth{Popups: 1}}},
		"blocker.frame-blocked": {
			right: view{payment: frameFailure("ERR_BLOCKED_BY_CLIENT")},
			wrong: view{payment: frameFailure("ERR_CONNECTION_RESET")},
		},
		"cookie.disabled": {
			right: view{whole: cookieIssue(testOrigins.Merchant), log: network("Fetch POST https://pay.merchant.test/pay/start -> 403")},
			wrong: view{log: network("Fetch POST https://pay.merchant.test/pay/start -> 403")},
		},
		"cookie.first-party-blocked": {
			right: view{log: network("Fetch POST https://pay.merchant.test/pay/start -> 403")},
			wrong: view{log: network("Fetch POST https://pay.merchant.test/pay/start -> 200")},
		},
		"cookie.third-party-blocked": {
			right: view{whole: Truth{Statuses: []Status{helperPage}, Issues: cookieIssue(testOrigins.Helper).Issues}},
			wrong: view{whole: statusesOf(helperPage)},
		},
		"cookie.third-party-partitioned": {
			right: view{whole: statusesOf(helperPage)},
			wrong: view{},
		},
		"cache.stale-worker": {
			right: view{log: network("Fetch POST https://pay.merchant.test/pay/old -> 410")},
			wrong: view{paid: true},
		},
		"cache.stale-script": {
			right: view{log: network("Fetch POST https://pay.merchant.test/pay/old -> 410")},
			wrong: view{},
		},
		"network.offline": {
			right: view{whole: Truth{Failures: []Failure{{Origin: "https://pay.merchant.test", Error: "net::ERR_INTERNET_DISCONNECTED"}}}},
			wrong: view{},
		},
		"vpn.suspected": {
			wrong: view{whole: Truth{Failures: []Failure{{Origin: "https://doctor.diag.test", Error: "net::ERR_FAILED"}}}},
		},
		"threeds.page-csp-frame-src": {
			right: view{log: console(`Framing 'https://acs.issuer.test/' violates the following Content Security Policy directive: "frame-src 'self'"`)},
			wrong: view{payment: working},
		},
		"threeds.frame-sandbox": {
			right: view{payment: statusesOf(methodPage, methodAnswer, challengePage), log: console("Blocked form submission because the form's frame is sandboxed")},
			wrong: view{payment: unanswered},
		},
		"threeds.acs-frame-options": {
			right: view{payment: frameFailure("ERR_BLOCKED_BY_RESPONSE"), log: console("Refused to display: it set 'X-Frame-Options' to 'deny'")},
			wrong: view{payment: frameFailure("ERR_BLOCKED_BY_RESPONSE"), log: console("Refused to frame: frame-ancestors 'none'")},
		},
		"threeds.acs-frame-ancestors": {
			right: view{payment: frameFailure("ERR_BLOCKED_BY_RESPONSE"), log: console("Refused to frame: frame-ancestors 'none'")},
			wrong: view{payment: working},
		},
		"threeds.acs-unreachable": {
			right: view{payment: frameFailure("ERR_NAME_NOT_RESOLVED")},
			wrong: view{payment: frameFailure("ERR_BLOCKED_BY_CLIENT")},
		},
		"threeds.acs-hang": {
			right: view{payment: unanswered},
			wrong: view{payment: statusesOf(methodPage, methodAnswer, challengePage)},
		},
		"threeds.acs-no-sign-of-life": {
			right: view{payment: statusesOf(methodPage, methodAnswer, challengeError)},
			wrong: view{payment: unanswered},
		},
		"threeds.acs-needs-cookie": {
			right: view{payment: statusesOf(methodPage, methodAnswer, challengeHop, challengePage), whole: cookieIssue(acs)},
			wrong: view{payment: statusesOf(methodPage, methodAnswer, challengeHop, challengePage)},
		},
		"threeds.notification-silent": {
			right: view{payment: working},
			wrong: view{payment: statusesOf(methodPage, methodAnswer, challengePage)},
		},
		"threeds.method-timeout": {
			right: view{payment: statusesOf(methodPage, challengePage, notificationPage)},
			wrong: view{payment: working},
		},
		"payment.nothing-found": {
			right: view{payment: working, paid: true},
			wrong: view{payment: statusesOf(methodPage, methodAnswer, challengeError)},
		},
		"self.check-crashed": {wrong: view{}},
		"self.vantage-unreachable": {
			right: view{whole: Truth{Failures: []Failure{{Origin: "https://doctor.diag.test", Type: "Fetch", Error: "net::ERR_FAILED"}}}},
			wrong: view{},
		},
		"self.helper-unreachable": {
			wrong: view{whole: statusesOf(helperPage)},
		},
	} {
		t.Run(string(code), func(t *testing.T) {
			if code != "self.check-crashed" {
				assert.Empty(t, contradictions(finding(code, test.right)))
			}
			if code != "popup.closed-at-once" {
				assert.NotEmpty(t, contradictions(finding(code, test.wrong)))
			}
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
		"the browser is online": {
			func(s *facts.Set) { s.PutBool(facts.Online, true, "network") },
			view{whole: Truth{Failures: []Failure{{Error: "net::ERR_INTERNET_DISCONNECTED"}}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := finding("threeds.method-timeout", test.view)
			assert.Empty(t, contradictions(v))
			test.claim(v.report.Facts)
			problems := contradictions(v)
			require.Len(t, problems, 1)
			assert.Equal(t, Untrue, problems[0].Kind)
			assert.Contains(t, problems[0].Text, name)
		})
	}
}

func TestACardWithoutAMethodHasNoMethodPage(t *testing.T) {
	v := finding("threeds.acs-hang", view{payment: statusesOf(challengePage)})
	v.card = "4000000000002040"
	assert.NotEmpty(t, contradictions(v), "the only page is the challenge")
	v.card = "4000000000002140"
	assert.Empty(t, contradictions(v), "the only page is the method's")
}
