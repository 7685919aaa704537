//go:build js && wasm

package observe

import (
	"time"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

var buildFacts = []facts.Declared{facts.PageFrom, facts.WorkerWaiting, facts.BuildDiffers}

func buildObserver() observer {
	return observer{
		name:  "build",
		limit: 8 * time.Second,
		keys:  buildFacts,
		run:   observeBuild,
	}
}

// observeBuild tells whether the page is of the build that its server has now,
// and what may have kept an older one.
func observeBuild(ctx context.Context, b *browser, set *facts.Set) {
	const from = "build"
	if b.elsewhere() {
		unknown(set, facts.ReasonOtherOrigin, from, buildFacts...)
		return
	}
	if place := b.pageFrom(); place != "" {
		set.PutString(facts.PageFrom, place, from)
	} else {
		unknown(set, facts.ReasonUnsupported, from, facts.PageFrom)
	}
	b.observeWaiting(ctx, set, from)
	b.observeBuildID(ctx, set, from)
}

// pageFrom tells where the page's document came from; "" where the browser does
// not say. Nothing that came over the network has no size at all: even the word
// that nothing has changed has a header.
func (b *browser) pageFrom() string {
	performance, _ := at(b.window, "performance")
	entries, _ := Call(performance, "getEntriesByType", "navigation")
	for _, navigation := range items(entries) {
		delivery, _ := text(navigation, "deliveryType")
		transferred, sized := number(navigation, "transferSize")
		content, _ := number(navigation, "decodedBodySize")
		switch {
		case b.fromWorker(b.window, navigation):
			return "worker"
		case delivery == "cache", delivery == "" && sized && transferred == 0 && content > 0:
			return "cache"
		case sized:
			return "network"
		}
	}
	return ""
}

// observeWaiting asks for a worker that waits until no page of the old one's is
// left.
func (b *browser) observeWaiting(ctx context.Context, set *facts.Set, from string) {
	container, _ := at(b.window, "navigator", "serviceWorker")
	asked, err := Call(container, "getRegistration")
	if err != nil {
		unknown(set, facts.ReasonUnsupported, from, facts.WorkerWaiting)
		return
	}
	registration, err := b.await(ctx, asked)
	if err != nil {
		unknown(set, facts.ReasonRefused, from, facts.WorkerWaiting)
		return
	}
	_, waits := at(registration, "waiting")
	set.PutBool(facts.WorkerWaiting, waits, from)
}

// observeBuildID compares the build that the page runs with the one that its
// server says.
func (b *browser) observeBuildID(ctx context.Context, set *facts.Set, from string) {
	if b.buildID == "" || b.controlURL == "" {
		unknown(set, facts.ReasonNotConfigured, from, facts.BuildDiffers)
		return
	}
	switch answer := b.controlAnswer(ctx); {
	case answer.buildID != "":
		set.PutBool(facts.BuildDiffers, answer.buildID != b.buildID, from)
	case answer.policy:
		unknown(set, facts.ReasonRefused, from, facts.BuildDiffers)
	case answer.said == failed, answer.said == timedOut:
		unknown(set, facts.ReasonUnreachable, from, facts.BuildDiffers)
	default:
		unknown(set, facts.ReasonNotKnown, from, facts.BuildDiffers)
	}
}
