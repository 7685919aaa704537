//go:build js && wasm

package observe

import (
	"context"
	"strings"
	"time"

	"checkoutdoctor/wasm/facts"
)

// helperFacts are what the cross-site helper frame tells.
var helperFacts = []facts.Declared{
	facts.ThirdPartyHeader, facts.ThirdPartyScript, facts.PartitionedHeader, facts.StorageAccess, facts.StorageAccessHeader,
}

func helperObserver() observer {
	return observer{
		name:  "helper",
		limit: 5 * time.Second,
		keys:  append([]facts.Declared{facts.HelperReached}, helperFacts...),
		run:   observeHelper,
	}
}

// observeHelper loads a frame from another site, which sets cookies, goes on
// to a second page, and tells what its server and its script got back. Over
// plain HTTP no browser keeps its cookies: they have to be Secure.
func observeHelper(ctx context.Context, b *browser, set *facts.Set) {
	const from = "helper"
	if !strings.HasPrefix(b.helper, "https:") {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.HelperReached)
		unknown(set, facts.ReasonNotConfigured, from, helperFacts...)
		return
	}
	nonce := RandomID()
	url := b.helper + "/helper/cookies?nonce=" + nonce
	ctx, cancel := b.unlessRefused(ctx, url)
	defer cancel()
	data, err := b.frameMessage(ctx, map[string]string{"src": url}, "checkout-doctor:helper", nonce)
	if err != nil {
		b.helperSilent(ctx, set, url, from)
		return
	}
	set.PutString(facts.HelperReached, answered, from)
	for key, name := range map[facts.BoolKey]string{
		facts.ThirdPartyHeader:  "headerPlain",
		facts.ThirdPartyScript:  "scriptPlain",
		facts.PartitionedHeader: "headerPartitioned",
		facts.StorageAccess:     "storageAccess",
	} {
		if v, ok := boolean(data, name); ok {
			set.PutBool(key, v, from)
			continue
		}
		unknown(set, facts.ReasonUnsupported, from, key)
	}
	if header, ok := text(data, "storageAccessHeader"); ok {
		set.PutString(facts.StorageAccessHeader, header, from)
	}
}

// helperSilent tells a policy that keeps our frame out from an outage.
func (b *browser) helperSilent(ctx context.Context, set *facts.Set, url, from string) {
	if b.refuses(ctx, url) {
		unknown(set, facts.ReasonRefused, from, append(helperFacts, facts.HelperReached)...)
		return
	}
	set.PutString(facts.HelperReached, timedOut, from)
	unknown(set, facts.ReasonUnreachable, from, helperFacts...)
}
