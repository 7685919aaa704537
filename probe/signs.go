package probe

import (
	"fmt"
	"slices"
	"strings"

	"checkoutdoctor/wasm/facts"
)

const csp = "content-security-policy"

// lostConnection are the browser's words for a connection that was not there, or
// was there no more.
var lostConnection = []string{
	"ERR_INTERNET_DISCONNECTED", "ERR_NETWORK_CHANGED", "ERR_CONNECTION_", "ERR_EMPTY_RESPONSE", "ERR_HTTP2_PING_FAILED",
	"ERR_PROXY_CONNECTION_FAILED", "ERR_TUNNEL_CONNECTION_FAILED", "ERR_SOCKS_CONNECTION_FAILED",
}

var (
	always = sign{"no reason for it in the lab", func(*view) bool { return true }}
	paid   = sign{"the payment go through", func(v *view) bool { return v.paid }}

	anyWindow  = sign{"a window open", func(v *view) bool { return v.whole.Popups > 0 }}
	hostWindow = sign{"the payment's own window open", func(v *view) bool { return v.payment.Popups > 0 }}
	// The page says itself that it had opened another one in the click before.
	challengeWindow = sign{"the payment's window for the challenge open", func(v *view) bool {
		others := 0
		if v.report.Facts.Is(facts.HostPopupSecond, true) {
			others = 1
		}
		return v.payment.Popups > others
	}}
	checkWindow = sign{"the diagnostic's window open", func(v *view) bool { return v.whole.Popups > v.payment.Popups }}

	anotherAgent = sign{"another user agent than the browser's own", func(v *view) bool { return v.agent != "" }}

	merchantCookieRefused = cookieRefused("the merchant's", func(v *view, origin string) bool { return origin == v.origins.Merchant })
	helperCookieRefused   = cookieRefused("the helper's", func(v *view, origin string) bool { return origin == v.origins.Helper })
	merchantCookieLeft    = sign{"a cookie of the merchant's stay behind when the page was posted to it", func(v *view) bool {
		return slices.ContainsFunc(v.payment.Issues, func(i Issue) bool { return i.Code == SameSiteIssue && i.Origin == v.origins.Merchant })
	}}
	// The helper's frame is in the place of the issuer's. What an extension takes
	// away the browser itself would have kept.
	thirdPartyCookieRefused = cookieRefused("the issuer's or the helper's", func(v *view, origin string) bool {
		return origin == v.origins.Helper || v.origins.issuer(origin)
	})
	thirdPartyCookieMissing = sign{"who keeps the issuer's cookie back, the browser or an extension", func(v *view) bool {
		return thirdPartyCookieRefused.seen(v) != v.found("threeds.acs-needs-cookie", "taken-by-extension")
	}}

	methodNotified = sign{"the method's end, and the payment go on for it",
		func(v *view) bool { return v.methodNotified() }}

	challengeAsked      = sign{"a challenge asked for", func(v *view) bool { return v.challengesAsked() > 0 }}
	challengeAskedTwice = sign{"two challenges asked for", func(v *view) bool { return v.challengesAsked() > 1 }}
	challengeAwaited    = sign{"the challenge asked for and not there in full", func(v *view) bool {
		return slices.ContainsFunc(v.payment.Pending, v.origins.issuer)
	}}
	challengeAnswered = sign{"the issuer answer to the challenge's request",
		func(v *view) bool { return len(v.challengeStatuses()) > 0 }}
	challengeRefused = sign{"the issuer answer with an error or without end in the challenge frame", func(v *view) bool {
		return slices.ContainsFunc(v.challengeStatuses(), isError) || frameFailed("ERR_TOO_MANY_REDIRECTS").seen(v)
	}}
	noPage = sign{"the issuer answer with no page", func(v *view) bool {
		empty := func(s Status) bool { return s.Code == 204 }
		return slices.ContainsFunc(v.challengeStatuses(), empty) || slices.ContainsFunc(v.payment.Downloads, v.origins.issuer)
	}}
	// Where the challenge is to take the page's place, its pages are posted.
	issuerInTab = sign{"a page of the issuer's in place of the payment page", func(v *view) bool {
		return slices.ContainsFunc(v.payment.Statuses, func(s Status) bool {
			return !s.Frame && !s.Window && s.By == "" && v.origins.issuer(s.Origin)
		})
	}}

	challengeInTab = sign{"the challenge asked for in place of the payment page", func(v *view) bool {
		return slices.ContainsFunc(v.payment.Posts, func(p Post) bool { return p.Tab && v.toIssuer(p.Origin, p.By) })
	}}

	frameUnreachable = sign{"a network failure in the issuer's frame", func(v *view) bool {
		return slices.ContainsFunc(v.issuerFailures(), func(f Failure) bool { return !isPolicy(f.Error) })
	}}
	frameUnreached = sign{"a failure of the network, or of the way into the local one, in the issuer's frame", func(v *view) bool {
		return frameUnreachable.seen(v) || frameFailed("ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS").seen(v)
	}}
	frameRemoved  = sign{"the challenge frame taken out of the page", (*view).challengeRemoved}
	frameNotShown = sign{"the challenge frame without a box", func(v *view) bool {
		return v.payment.Challenge != nil && v.payment.Challenge.Width == 0
	}}
	frameCovered = sign{"the challenge frame covered", func(v *view) bool {
		return v.payment.Challenge != nil && v.payment.Challenge.Covered
	}}
	// Half of the smallest challenge window, which has 250 x 400.
	frameSmall = sign{"a challenge frame below 125 x 200", func(v *view) bool {
		box := v.payment.Challenge
		return box != nil && (box.Width < 125 || box.Height < 200)
	}}
	// An extension that answers in a script's place shows as a redirect; the lab's
	// issuers redirect none.
	issuerScriptStopped = sign{"a script of the issuer's blocked or replaced", func(v *view) bool {
		return slices.ContainsFunc(v.payment.Failures, func(f Failure) bool {
			return f.Type == "Script" && v.origins.issuer(f.Origin) && strings.Contains(f.Error, "ERR_BLOCKED_BY_CLIENT")
		}) || slices.ContainsFunc(v.log.Network, func(l LogLine) bool {
			return strings.Contains(l.Text, "Script GET "+v.origins.ACS+"/") && strings.Contains(l.Text, "-> 307")
		})
	}}
	// Only the stand-ins for such services have names of other domains.
	standInFailed = sign{"a script of an anti-fraud service's fail", func(v *view) bool {
		return slices.ContainsFunc(v.payment.Failures, func(f Failure) bool {
			return f.Type == "Script" && !strings.HasSuffix(f.Origin, ".test")
		})
	}}
	baitBlocked = sign{"a request to the diagnostic's site blocked by an extension", func(v *view) bool {
		return slices.ContainsFunc(v.whole.Failures, func(f Failure) bool {
			return f.Origin == v.origins.Diag && strings.Contains(f.Error, "ERR_BLOCKED_BY_CLIENT")
		})
	}}
	// The provider's hosts are all under one domain, and pages of nobody else's.
	providerFailed = sign{"a request to the payment provider fail", func(v *view) bool {
		_, domain, _ := strings.Cut(v.origins.ThreeDSServer, ".")
		return slices.ContainsFunc(v.whole.Failures, func(f Failure) bool { return strings.HasSuffix(f.Origin, "."+domain) })
	}}
	connectionLost = sign{"a request fail for want of a connection", func(v *view) bool {
		return slices.ContainsFunc(v.whole.Failures, func(f Failure) bool {
			return slices.ContainsFunc(lostConnection, func(text string) bool { return strings.Contains(f.Error, text) })
		})
	}}
	cookiesTooLarge = sign{"the merchant answer that it takes no such cookies", func(v *view) bool {
		return merchantAnswered(431).seen(v) || merchantAnswered(400).seen(v)
	}}
	scriptMissing = sign{"a script of the merchant's missing", func(v *view) bool {
		return merchantAnswered(404).seen(v) || consoleSays("Expected a JavaScript").seen(v)
	}}
	mixedContent = sign{"mixed content", func(v *view) bool {
		return slices.ContainsFunc(v.payment.Issues, func(i Issue) bool { return i.Code == "MixedContentIssue" })
	}}

	challengeReturned    = sign{"the challenge's notification page asked for", func(v *view) bool { return v.challengesReturned() > 0 }}
	notificationAnswered = sign{"the challenge's notification page", func(v *view) bool {
		return slices.ContainsFunc(v.notificationStatuses(), func(s Status) bool { return s.Code < 300 })
	}}
	notificationRefused = sign{"the challenge's notification page refused",
		func(v *view) bool { return slices.ContainsFunc(v.notificationStatuses(), isError) }}
	notificationByWorker = sign{"a service worker answer for the challenge's notification page", func(v *view) bool {
		return slices.ContainsFunc(v.notificationStatuses(), func(s Status) bool { return s.Worker })
	}}
	merchantFrameFailed = sign{"a frame of the merchant's fail with ERR_BLOCKED_BY_RESPONSE", func(v *view) bool {
		return slices.ContainsFunc(v.payment.Failures, func(f Failure) bool {
			return f.Frame && f.Origin == v.origins.Merchant && strings.Contains(f.Error, "ERR_BLOCKED_BY_RESPONSE")
		})
	}}

	// The helper is asked for its cookies by GET, and for its canary by POST.
	helperAnswered = sign{"the helper's frame answer", func(v *view) bool { return v.helperFrames(func(s Status) bool { return s.By == "" }) }}
	canaryAnswered = sign{"the canary's frame answer", func(v *view) bool { return v.helperFrames(func(s Status) bool { return s.By != "" }) }}
	diagFailed     = sign{"a request to the diagnostic's site fail", func(v *view) bool {
		return slices.ContainsFunc(v.whole.Failures, func(f Failure) bool { return f.Origin == v.origins.Diag })
	}}
	// isolatedFrame is where the diagnostic runs that the page keeps out.
	isolatedFrame = sign{"the diagnostic's isolated frame answer", func(v *view) bool {
		return slices.ContainsFunc(v.whole.Statuses, func(s Status) bool { return s.Frame && s.Origin == v.origins.Diag && s.Code == 200 })
	}}
	// What was given up had a connection.
	diagUnreached = sign{"the diagnostic's site not reached", func(v *view) bool {
		return slices.ContainsFunc(v.whole.Failures, func(f Failure) bool {
			return f.Origin == v.origins.Diag && !strings.Contains(f.Error, "ERR_ABORTED")
		})
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

// policy is a header of the payment page that contains text.
func policy(header, text string) sign {
	return sign{fmt.Sprintf("the page's header %s with %q", header, text), func(v *view) bool {
		value, there := v.payment.Policies[header]
		return there && strings.Contains(value, text)
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

func isError(s Status) bool { return s.Code >= 400 }
