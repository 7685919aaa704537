//go:build js && wasm

package observe

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/ascii"
	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

var notificationFacts = []facts.Declared{
	facts.NotificationOrigin, facts.NotificationSame, facts.NotificationFits, facts.NotificationFraming,
}

func notificationObserver() observer {
	return observer{
		name:  "notification",
		limit: 8 * time.Second,
		keys:  notificationFacts,
		run:   observeNotification,
	}
}

// maxNotificationURL is the protocol's limit, in characters.
const maxNotificationURL = 256

// observeNotification looks at the URL to which the issuer's page returns.
func observeNotification(ctx context.Context, b *browser, set *facts.Set) {
	const from = "notification"
	url := b.notificationURL
	if url == "" {
		notApplicable(set, facts.ReasonNotConfigured, from, notificationFacts...)
		return
	}
	o := origin(url)
	own := o == textOr(b.window, "", "location", "origin")
	set.PutString(facts.NotificationOrigin, o, from)
	set.PutBool(facts.NotificationFits, isTrustworthy(o) && utf8.RuneCountInString(url) <= maxNotificationURL, from)
	if b.isolated != "" {
		unknown(set, facts.ReasonOtherOrigin, from, facts.NotificationSame, facts.NotificationFraming)
		return
	}
	set.PutBool(facts.NotificationSame, own, from)
	if _, framed := at(b.frame); !framed || !own || b.ended {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.NotificationFraming)
		return
	}
	response, err := b.fetch(ctx, url, "method", "HEAD", "cache", "no-store")
	switch {
	case err == nil:
		set.PutString(facts.NotificationFraming, framing(response), from)
	case b.refuses(ctx, url):
		unknown(set, facts.ReasonRefused, from, facts.NotificationFraming)
	default:
		unknown(set, facts.ReasonUnreachable, from, facts.NotificationFraming)
	}
}

// isTrustworthy reports whether an origin needs no other protection: HTTPS, or
// this very machine, where payments are tried out.
func isTrustworthy(origin string) bool {
	host, plain := strings.CutPrefix(origin, "http://")
	name, _, _ := strings.Cut(host, ":")
	return strings.HasPrefix(origin, "https://") || plain && (name == "localhost" || name == "127.0.0.1")
}

// framing reads the two headers that forbid a page of the same origin to frame
// the answer.
func framing(response safejs.Value) string {
	const allowed, forbidden = "allowed", "forbidden"
	if ascii.Lower(header(response, "X-Frame-Options")) == "deny" {
		return forbidden
	}
	policies := strings.ReplaceAll(header(response, "Content-Security-Policy"), ",", ";")
	for directive := range strings.SplitSeq(policies, ";") {
		if words := strings.Fields(directive); len(words) == 2 && words[0] == "frame-ancestors" && words[1] == "'none'" {
			return forbidden
		}
	}
	return allowed
}
