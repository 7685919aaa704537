//go:build js && wasm

package observe

import (
	"strings"
	"time"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

// helperFacts are what the cross-site helper frame tells.
var helperFacts = []facts.Declared{
	facts.ThirdPartyHeader, facts.ThirdPartyScript, facts.PartitionedHeader, facts.StorageAccess, facts.StorageAccessHeader,
	facts.ThirdPartyStorage, facts.ThirdPartyDivided,
}

func helperObserver() observer {
	return observer{
		name:  "helper",
		limit: 11 * time.Second, // two pages, on a connection of their own, take six round trips and more
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
	data, err := b.frameMessage(ctx, b.helper, "checkout-doctor:helper", nonce, "src", url)
	if err != nil {
		b.helperSilent(ctx, set, url, from)
		return
	}
	set.PutString(facts.HelperReached, answered, from)
	unknown(set, facts.ReasonUnsupported, from, helperFacts...) // what it does not tell
	for _, told := range []struct {
		key  facts.BoolKey
		name string
	}{
		{facts.ThirdPartyHeader, "headerPlain"},
		{facts.ThirdPartyScript, "scriptPlain"},
		{facts.PartitionedHeader, "headerPartitioned"},
		{facts.StorageAccess, "storageAccess"},
		{facts.ThirdPartyDivided, "storageDivided"},
	} {
		if v, ok := boolean(data, told.name); ok {
			set.PutBool(told.key, v, from)
		}
	}
	for _, told := range []struct {
		key  facts.StringKey
		name string
	}{
		{facts.StorageAccessHeader, "storageAccessHeader"},
		{facts.ThirdPartyStorage, "localStorage"},
	} {
		if v, ok := text(data, told.name); ok {
			set.PutString(told.key, v, from)
		}
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
