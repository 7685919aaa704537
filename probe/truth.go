package probe

import (
	"fmt"
	"slices"
	"strings"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
)

// Origins are the sites of the reference checkout.
type Origins struct {
	Merchant, ThreeDSServer, ACS, ACS2, Diag, Helper string
}

// A rule says what the browser's own instruments show of a payment where a
// cause is found, and what they cannot show. It is how the probe notices a
// diagnosis that meets the expectation and is wrong all the same.
type rule struct {
	shows  []sign
	denies []sign
}

// A sign is something that the browser saw or did.
type sign struct {
	what string // completes "the browser saw …"
	seen func(*view) bool
}

// view is what is known of one run.
type view struct {
	report  *report.Report
	paid    bool
	card    string
	origins Origins
	payment Truth // up to the click on the diagnostic's button: the payment's own traffic
	whole   Truth // the diagnostic's traffic as well
	log     Log
}

// rules holds one rule for each cause.
func rules() map[diagnosis.Code]rule {
	return map[diagnosis.Code]rule{
		"popup.blocked":        {denies: []sign{hostWindow}},
		"popup.overridden":     {denies: []sign{anyWindow}},
		"popup.closed-at-once": {shows: []sign{anyWindow}},

		"blocker.frame-blocked": {shows: []sign{frameFailed("ERR_BLOCKED_BY_CLIENT")}, denies: []sign{challengeAnswered, paid}},

		"cookie.disabled":                {shows: []sign{merchantCookieRefused, merchantAnswered(403)}, denies: []sign{paid}},
		"cookie.first-party-blocked":     {shows: []sign{merchantAnswered(403)}, denies: []sign{paid}},
		"cookie.third-party-blocked":     {shows: []sign{helperAnswered, helperCookieRefused}},
		"cookie.third-party-partitioned": {shows: []sign{helperAnswered}, denies: []sign{helperCookieRefused}},

		"cache.stale-worker": {shows: []sign{merchantAnswered(410)}, denies: []sign{paid}},
		"cache.stale-script": {shows: []sign{merchantAnswered(410)}, denies: []sign{paid}},

		"network.offline": {shows: []sign{failure("ERR_INTERNET_DISCONNECTED")}, denies: []sign{paid}},
		"vpn.suspected":   {denies: []sign{diagFailed}},

		// A frame that the page's own policy refuses is no request that fails:
		// only the console says it.
		"threeds.page-csp-frame-src": {shows: []sign{consoleSays(`policy directive: "frame-src`)}, denies: []sign{challengeAnswered, paid}},
		"threeds.frame-sandbox":      {shows: []sign{challengeAnswered, consoleSays("sandboxed")}, denies: []sign{frameFailed(""), paid}},
		"threeds.acs-frame-options": {
			shows:  []sign{frameFailed("ERR_BLOCKED_BY_RESPONSE"), consoleSays("X-Frame-Options")},
			denies: []sign{paid},
		},
		"threeds.acs-frame-ancestors": {
			shows:  []sign{frameFailed("ERR_BLOCKED_BY_RESPONSE"), consoleSays("frame-ancestors")},
			denies: []sign{paid},
		},
		"threeds.acs-unreachable": {shows: []sign{frameUnreachable}, denies: []sign{challengeAnswered, paid}},
		"threeds.acs-hang":        {denies: []sign{challengeAnswered, frameUnreachable, paid}},
		"threeds.acs-no-sign-of-life": {
			shows:  []sign{challengeAnswered},
			denies: []sign{frameFailed("ERR_BLOCKED_BY"), frameUnreachable, paid},
		},
		"threeds.acs-needs-cookie":    {shows: []sign{challengeAnswered, issuerCookieRefused}, denies: []sign{frameFailed(""), paid}},
		"threeds.notification-silent": {shows: []sign{notificationAnswered}, denies: []sign{frameFailed(""), paid}},
		"threeds.method-timeout":      {denies: []sign{methodNotified}},

		"payment.nothing-found": {denies: []sign{
			frameFailed(""), challengeRefused, merchantCookieRefused, failure("ERR_INTERNET_DISCONNECTED"),
			consoleSays("Content Security Policy"),
		}},

		// What the diagnostic says of itself: in the lab its own sites answer,
		// unless the browser says that they did not.
		"self.check-crashed":       {denies: []sign{always}},
		"self.vantage-unreachable": {shows: []sign{failure("net::ERR_")}},
		"self.helper-unreachable":  {denies: []sign{helperAnswered}},
	}
}

// A lie is a fact that a report claims, and a sign that it cannot be so.
type lie struct {
	claim   string
	claimed func(*facts.Set) bool
	sign
}

// lies holds what is compared whatever was found.
func lies() []lie {
	return []lie{
		{"no window was opened", func(s *facts.Set) bool { return s.Equals(facts.PopupResult, "null") }, checkWindow},
		{"third-party cookies are kept", func(s *facts.Set) bool { return s.Is(facts.ThirdPartyHeader, true) }, helperCookieRefused},
		{"the challenge was completed", func(s *facts.Set) bool { return s.Is(facts.FrameCompleted, true) }, frameFailed("")},
		{"the browser is online", func(s *facts.Set) bool { return s.Is(facts.Online, true) }, failure("ERR_INTERNET_DISCONNECTED")},
	}
}

// contradictions returns where the browser's own instruments say otherwise
// than the report.
func contradictions(v *view) []Problem {
	var problems []Problem
	known := rules()
	for _, f := range v.report.Findings {
		for _, s := range known[f.Code].shows {
			if !s.seen(v) {
				problems = append(problems, Problem{Untrue, fmt.Sprintf("%s: the browser never saw %s", f.Code, s.what)})
			}
		}
		for _, s := range known[f.Code].denies {
			if s.seen(v) {
				problems = append(problems, Problem{Untrue, fmt.Sprintf("%s: the browser saw %s", f.Code, s.what)})
			}
		}
	}
	for _, lie := range lies() {
		if lie.claimed(v.report.Facts) && lie.seen(v) {
			problems = append(problems, Problem{Untrue, fmt.Sprintf("%s: the browser saw %s", lie.claim, lie.what)})
		}
	}
	return problems
}

var (
	always = sign{"no reason for it in the lab", func(*view) bool { return true }}
	paid   = sign{"the payment go through", func(v *view) bool { return v.paid }}

	anyWindow  = sign{"a window open", func(v *view) bool { return v.whole.Popups > 0 }}
	hostWindow = sign{"the payment's own window open", func(v *view) bool { return v.payment.Popups > 0 }}

	checkWindow = sign{"the diagnostic's window open", func(v *view) bool { return v.whole.Popups > v.payment.Popups }}

	merchantCookieRefused = cookieRefused("the merchant's", func(v *view, origin string) bool { return origin == v.origins.Merchant })
	helperCookieRefused   = cookieRefused("the helper's", func(v *view, origin string) bool { return origin == v.origins.Helper })
	issuerCookieRefused   = cookieRefused("the issuer's", (*view).issuer)

	challengeAnswered = sign{"the issuer answer in the challenge frame",
		func(v *view) bool { return len(v.challengeStatuses()) > 0 }}
	challengeRefused = sign{"the issuer answer with an error in the challenge frame", func(v *view) bool {
		return slices.ContainsFunc(v.challengeStatuses(), func(s Status) bool { return s.Code >= 400 })
	}}
	frameUnreachable = sign{"a network failure in the issuer's frame", func(v *view) bool {
		return slices.ContainsFunc(v.issuerFailures(), func(f Failure) bool { return !isPolicy(f.Error) })
	}}

	// The 3DS Server's pages in frames are the method's notification, if it
	// came, and the challenge's.
	notificationAnswered = sign{"the challenge's notification page",
		func(v *view) bool { return v.framePages(v.origins.ThreeDSServer) > v.methodPages() }}
	methodNotified = sign{"the method's notification page as well as the challenge's",
		func(v *view) bool { return v.framePages(v.origins.ThreeDSServer) > 1 }}

	helperAnswered = sign{"the helper's frame answer", func(v *view) bool {
		return slices.ContainsFunc(v.whole.Statuses, func(s Status) bool { return s.Origin == v.origins.Helper && s.Code == 200 })
	}}
	diagFailed = sign{"a request to the diagnostic's site fail", func(v *view) bool {
		return slices.ContainsFunc(v.whole.Failures, func(f Failure) bool { return f.Origin == v.origins.Diag })
	}}
)

// frameFailed is a frame of the issuer's whose document failed with an error
// that contains text.
func frameFailed(text string) sign {
	what := "a frame of the issuer's fail"
	if text != "" {
		what += " with " + text
	}
	return sign{what, func(v *view) bool {
		return slices.ContainsFunc(v.issuerFailures(), func(f Failure) bool { return strings.Contains(f.Error, text) })
	}}
}

// cookieRefused is a cookie that the browser itself kept back.
func cookieRefused(whose string, of func(v *view, origin string) bool) sign {
	return sign{"a cookie of " + whose + " refused", func(v *view) bool {
		return slices.ContainsFunc(v.whole.Issues, func(i Issue) bool { return i.Code == "CookieIssue" && of(v, i.Origin) })
	}}
}

func failure(text string) sign {
	return sign{"a request fail with " + text, func(v *view) bool {
		return slices.ContainsFunc(v.whole.Failures, func(f Failure) bool { return strings.Contains(f.Error, text) })
	}}
}

// merchantAnswered is an answer of the merchant's server with that status.
func merchantAnswered(code int) sign {
	end := fmt.Sprintf("-> %d", code)
	return sign{fmt.Sprintf("the merchant answer %d", code), func(v *view) bool {
		return slices.ContainsFunc(v.log.Network, func(l LogLine) bool {
			return strings.Contains(l.Text, v.origins.Merchant+"/") && strings.Contains(l.Text, end)
		})
	}}
}

// consoleSays is a message of the browser's in the console of page or frame.
func consoleSays(text string) sign {
	return sign{"a console message about " + text, func(v *view) bool {
		return slices.ContainsFunc(v.log.Console, func(l LogLine) bool { return containsFold(l.Text, text) })
	}}
}

// containsFold is strings.Contains whatever the case.
func containsFold(s, text string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(text))
}

// isPolicy tells the browser's own refusals from failures of the network.
func isPolicy(text string) bool {
	return strings.Contains(text, "ERR_BLOCKED_BY") || strings.Contains(text, "ERR_ABORTED")
}

// issuer reports whether an origin is none of the lab's but the ACS's. A fault
// may put the ACS elsewhere.
func (v *view) issuer(origin string) bool {
	o := v.origins
	return !slices.Contains([]string{o.Merchant, o.ThreeDSServer, o.Diag, o.Helper}, origin)
}

// issuerFailures are the failures of documents in the issuer's frames, except
// those of a page that another one replaced before it came.
func (v *view) issuerFailures() []Failure {
	var list []Failure
	for _, f := range v.payment.Failures {
		if f.Frame && v.issuer(f.Origin) && !strings.Contains(f.Error, "ERR_ABORTED") {
			list = append(list, f)
		}
	}
	return list
}

// challengeStatuses are the issuer's answers in frames, without redirects and
// without that of the 3DS Method's page, which comes first.
func (v *view) challengeStatuses() []Status {
	var list []Status
	for _, s := range v.payment.Statuses {
		if s.Frame && v.issuer(s.Origin) && (s.Code < 300 || s.Code >= 400) {
			list = append(list, s)
		}
	}
	return list[min(v.methodPages(), len(list)):]
}

// framePages counts the pages of an origin in frames during the payment.
func (v *view) framePages(origin string) int {
	n := 0
	for _, s := range v.payment.Statuses {
		if s.Frame && s.Origin == origin && s.Code < 300 {
			n++
		}
	}
	return n
}

// methodPages is how many pages the card's 3DS Method opens on each side: its
// third-last digit says whether there is a method.
func (v *view) methodPages() int {
	if len(v.card) < 3 || v.card[len(v.card)-3] != '1' {
		return 0
	}
	return 1
}
