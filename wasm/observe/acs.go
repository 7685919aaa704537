//go:build js && wasm

package observe

import (
	"errors"
	"time"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

var acsFacts = []facts.Declared{facts.ACSFetch, facts.ACSObject, facts.ACSPrefetch}

// acsPatience is how long the issuer's page may take. An issuer that needs six
// seconds is slow, and not broken.
const acsPatience = 8 * time.Second

func acsObserver() observer {
	return observer{
		name:  "acs",
		limit: acsPatience + 2*time.Second,
		keys:  acsFacts,
		run:   observeACS,
	}
}

// way is one question to the issuer's site.
type way struct {
	key facts.StringKey
	ask func(context.Context) (string, error)
}

// observeACS asks for the issuer's page in ways that see different things: any
// answer at all, a 2xx that may be framed, and a 2xx. A challenge that reported
// its end needs no such question.
func observeACS(ctx context.Context, b *browser, set *facts.Set) {
	const from = "acs"
	if b.acsURL == "" || b.ended {
		notApplicable(set, facts.ReasonNotConfigured, from, acsFacts...)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, acsPatience)
	defer cancel()
	ways := []way{{facts.ACSFetch, b.fetchACS}}
	if b.isolated != "" { // an issuer that lets the page frame it need not let the diagnostic
		unknown(set, facts.ReasonOtherOrigin, from, facts.ACSObject)
	} else {
		ways = append(ways, way{facts.ACSObject, b.objectOfACS})
	}
	if b.engine() == "chromium" {
		ways = append(ways, way{facts.ACSPrefetch, b.prefetchACS})
	} else {
		unknown(set, facts.ReasonUnsupported, from, facts.ACSPrefetch)
	}
	var asked []func()
	for _, w := range ways {
		asked = append(asked, func() { b.askACS(ctx, w, set, from) })
	}
	b.beside(asked...)
}

// askACS puts the answer, unless the page's own policy refused the question,
// which says nothing of the issuer.
func (b *browser) askACS(ctx context.Context, w way, set *facts.Set, from string) {
	said, err := w.ask(ctx)
	if errors.Is(err, errNotPlaced) || err != nil && b.refuses(ctx, b.acsURL) {
		unknown(set, facts.ReasonRefused, from, w.key)
		return
	}
	set.PutString(w.key, said, from)
}

// fetchACS asks the issuer's origin for anything: a no-cors answer of any
// status counts.
func (b *browser) fetchACS(ctx context.Context) (string, error) {
	_, err := b.fetch(ctx, origin(b.acsURL)+"/", "mode", "no-cors", "cache", "no-store", "credentials", "omit")
	return outcome(err, answered), err
}

func (b *browser) objectOfACS(ctx context.Context) (string, error) {
	return b.loadOrError(ctx, "object", "data", b.acsURL)
}

// prefetchACS is for Chromium alone. Firefox fires load for every answer of
// another origin, an error page included, and WebKit does not prefetch.
func (b *browser) prefetchACS(ctx context.Context) (string, error) {
	return b.loadOrError(ctx, "link", "rel", "prefetch", "href", b.acsURL)
}

// errFailedToLoad says that an element fired its error event.
var errFailedToLoad = errors.New("failed to load")

// loadOrError places an element that loads the issuer's page and waits for the
// event that says how it went.
func (b *browser) loadOrError(ctx context.Context, tag string, attributes ...string) (string, error) {
	element, remove, err := b.place(tag, invisible, attributes...)
	if err != nil {
		return failed, err
	}
	defer remove()
	event, err := b.first(ctx, element, "load", "error")
	switch {
	case err != nil:
		return timedOut, err
	case event == "load":
		return loaded, nil
	}
	return failed, errFailedToLoad
}
