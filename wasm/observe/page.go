//go:build js && wasm

package observe

import (
	"slices"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

func pageObserver() observer {
	return observer{
		name:  "page",
		limit: 8 * time.Second,
		keys:  []facts.Declared{facts.OpenerPolicy, facts.DeniedFeatures},
		run:   observePage,
	}
}

// passkeyFeatures are what a challenge by passkey or SPC needs
// (https://www.w3.org/TR/secure-payment-confirmation/#sctn-permissions-policy).
var passkeyFeatures = []string{"payment", "publickey-credentials-get"}

// observePage looks at what the page's own headers let it do.
func observePage(ctx context.Context, b *browser, set *facts.Set) {
	const from = "page"
	if b.isolated != "" {
		unknown(set, facts.ReasonOtherOrigin, from, facts.OpenerPolicy, facts.DeniedFeatures)
		return
	}
	b.observeDenied(set, from)
	if !b.lostWindow(ctx) {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.OpenerPolicy)
		return
	}
	address := b.ownAddress()
	response, err := b.fetch(ctx, address, "method", "HEAD", "cache", "no-store")
	switch {
	case err == nil:
		set.PutString(facts.OpenerPolicy, openerPolicy(response), from)
	case b.refuses(ctx, address):
		unknown(set, facts.ReasonRefused, from, facts.OpenerPolicy)
	default:
		unknown(set, facts.ReasonUnreachable, from, facts.OpenerPolicy)
	}
}

// observeDenied asks for the features that the browser knows at all.
func (b *browser) observeDenied(set *facts.Set, from string) {
	policy, _ := at(b.document, "featurePolicy")
	known, err := Call(policy, "features")
	if err != nil {
		unknown(set, facts.ReasonUnsupported, from, facts.DeniedFeatures)
		return
	}
	denied := slices.DeleteFunc(texts(known), func(feature string) bool {
		allowed, err := Call(policy, "allowsFeature", feature)
		return !slices.Contains(passkeyFeatures, feature) || err != nil || is(allowed)
	})
	set.PutList(facts.DeniedFeatures, denied, from)
}

// lostWindow reports whether the payment's window or our own went away too
// early, as it seems to a page whose policy cuts it off.
func (b *browser) lostWindow(ctx context.Context) bool {
	if textOr(b.hostPopup, "", "result") == "closed" {
		return true
	}
	if _, ok := at(b.popup); !ok {
		return false
	}
	check, err := b.await(ctx, b.popup)
	return err == nil && is(check, "closedEarly") && !is(check, "hello")
}

// ownAddress returns the page's address without its fragment.
func (b *browser) ownAddress() string {
	address, _, _ := strings.Cut(textOr(b.document, "", "URL"), "#")
	return address
}

// openerPolicy returns the value of the header without its parameters
// (https://html.spec.whatwg.org/multipage/browsers.html#the-headers).
func openerPolicy(response safejs.Value) string {
	policy, _, _ := strings.Cut(header(response, "Cross-Origin-Opener-Policy"), ";")
	if policy = strings.TrimSpace(policy); policy == "" {
		return "unsafe-none"
	}
	return policy
}
