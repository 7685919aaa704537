//go:build js && wasm

package observe

import (
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

// canarySteps are what the canary's frames show.
var canarySteps = []facts.Declared{facts.CanaryMethod, facts.CanaryChallenge}

// canaryOpening is what the request shows that opens its transaction.
var canaryOpening = []facts.Declared{facts.CanaryReached, facts.CanaryStatus, facts.CanaryLoops}

func canaryObserver() observer {
	return observer{
		name:  "canary",
		limit: openingLimit + methodLimit + challengeLimit + time.Second,
		keys:  append(append([]facts.Declared{facts.CanaryOrigin}, canarySteps...), canaryOpening...),
		run:   observeCanary,
	}
}

// How long each part of the canary may take. Nobody has to answer it.
const (
	openingLimit   = 5 * time.Second // a connection of its own takes three round trips and more
	methodLimit    = 3 * time.Second
	challengeLimit = 5 * time.Second
)

// observeCanary takes our own harmless payment through a 3DS Method and a
// challenge, in frames like those of a real one.
func observeCanary(ctx context.Context, b *browser, set *facts.Set) {
	const from = "canary"
	if b.canary == "" {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.CanaryOrigin)
		notApplicable(set, facts.ReasonNotConfigured, from, canarySteps...)
		notApplicable(set, facts.ReasonNotConfigured, from, canaryOpening...)
		return
	}
	own := origin(b.canary)
	set.PutString(facts.CanaryOrigin, own, from)
	transaction, err := b.openCanary(ctx, set, from)
	methodURL, acsURL := textOr(transaction, "", "methodURL"), textOr(transaction, "", "acsURL")
	// A form is sent as by the page that we are in, which is our own site's where that
	// is the isolated frame: whoever names the canary must not choose its target.
	if err != nil || origin(methodURL) != own || origin(acsURL) != own {
		unknown(set, facts.ReasonUnreachable, from, canarySteps...)
		return
	}
	ctx, cancel := b.unlessRefused(ctx, b.canary)
	defer cancel()
	id := textOr(transaction, "", "transID")
	method := b.canaryStep(ctx, methodLimit, "method", id, "threeDSMethodData", methodURL, textOr(transaction, "", "methodData"))
	challenge := b.canaryStep(ctx, challengeLimit, "challenge", id, "creq", acsURL, textOr(transaction, "", "creq"))
	if b.refuses(ctx, b.canary) {
		unknown(set, facts.ReasonRefused, from, canarySteps...)
		return
	}
	if method != stepDone {
		method = timedOut
	}
	if challenge == stepDone {
		challenge = "completed"
	}
	set.PutString(facts.CanaryMethod, method, from)
	set.PutString(facts.CanaryChallenge, challenge, from)
}

// openCanary asks for a transaction, and notes how that went.
func (b *browser) openCanary(ctx context.Context, set *facts.Set, from string) (transaction safejs.Value, err error) {
	ctx, cancel := context.WithTimeout(ctx, openingLimit)
	defer cancel()
	url := b.canary + "/canary"
	ask := []string{"method", "POST", "cache", "no-store", "credentials", "omit"}
	response, err := b.fetch(ctx, url, ask...)
	if err != nil {
		if b.refuses(ctx, url) {
			unknown(set, facts.ReasonRefused, from, canaryOpening...)
			return transaction, err
		}
		notApplicable(set, facts.ReasonNotConfigured, from, facts.CanaryStatus)
		set.PutString(facts.CanaryReached, outcome(err, answered), from)
		redirected, again := b.fetch(ctx, url, append(ask, "redirect", "manual")...)
		set.PutBool(facts.CanaryLoops, again == nil && textOr(redirected, "", "type") == "opaqueredirect", from)
		return transaction, err
	}
	set.PutString(facts.CanaryReached, answered, from)
	set.PutBool(facts.CanaryLoops, false, from)
	putCount(set, facts.CanaryStatus, response, "status", from)
	if !is(response, "ok") {
		return transaction, errNotServed
	}
	body, err := Call(response, "json")
	if err != nil {
		return transaction, err
	}
	return b.await(ctx, body)
}

// How a step of the canary ended.
const (
	stepDone      = "done"
	stepCollapsed = "collapsed"
)

// canaryStep posts one message of the protocol into a frame of its own, and
// waits for what the last page in it tells us.
func (b *browser) canaryStep(ctx context.Context, limit time.Duration, step, id, field, url, value string) string {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	heard, stop, err := b.hear(func(_, data safejs.Value) bool {
		return textOr(data, "", "type") == "checkout-doctor:canary" && textOr(data, "", "step") == step &&
			textOr(data, "", "transID") == id
	})
	if err != nil {
		return timedOut
	}
	defer stop()
	name := "checkout-doctor-" + RandomID()
	frame, remove, err := b.place("iframe", offScreen, "name", name)
	if err != nil {
		return timedOut
	}
	defer remove()
	if err := b.post(url, name, field, value); err != nil {
		return timedOut
	}
	select {
	case <-heard:
		return stepDone
	case <-ctx.Done():
	}
	if collapsed, known := b.collapsed(frame); known && collapsed {
		return stepCollapsed
	}
	return timedOut
}

// post submits a form with one field to the frame of that name. The URL is a web
// site's.
func (b *browser) post(url, target, field, value string) error {
	form, remove, err := b.place("form", invisible, "method", "post", "action", url, "target", target)
	if err != nil {
		return err
	}
	defer remove()
	input, err := b.create("input", "", "type", "hidden", "name", field, "value", value)
	if err != nil {
		return err
	}
	if _, err := Call(form, "appendChild", input); err != nil {
		return err
	}
	_, err = Call(form, "submit")
	return err
}
