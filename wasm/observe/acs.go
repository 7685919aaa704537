//go:build js && wasm

package observe

import (
	"context"
	"time"

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

// observeACS asks for the issuer's page in three ways that see different
// things: any answer at all, a 2xx, and a 2xx that may be framed. A challenge
// that reported its end needs no such question.
func observeACS(ctx context.Context, b *browser, set *facts.Set) {
	const from = "acs"
	if b.acsURL == "" || b.challengeEnd {
		notApplicable(set, facts.ReasonNotConfigured, from, acsFacts...)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, acsPatience)
	defer cancel()
	ways := []struct {
		key facts.StringKey
		ask func(context.Context) (string, error)
	}{
		{facts.ACSFetch, b.fetchACS},
		{facts.ACSObject, func(ctx context.Context) (string, error) {
			return b.loadOrError(ctx, "object", map[string]string{"data": b.acsURL})
		}},
		{facts.ACSPrefetch, func(ctx context.Context) (string, error) {
			return b.loadOrError(ctx, "link", map[string]string{"rel": "prefetch", "href": b.acsURL})
		}},
	}
	type answer struct {
		key  facts.StringKey
		said string
		err  error
	}
	answers := make(chan answer, len(ways))
	for _, way := range ways {
		go func() {
			said, err := way.ask(ctx)
			answers <- answer{way.key, said, err}
		}()
	}
	for range ways {
		a := <-answers
		if a.err != nil && b.refuses(b.acsURL) {
			unknown(set, facts.ReasonRefused, from, a.key)
			continue
		}
		set.PutString(a.key, a.said, from)
	}
}

// fetchACS asks the issuer's origin for anything: a no-cors answer of any
// status counts.
func (b *browser) fetchACS(ctx context.Context) (string, error) {
	_, err := b.fetch(ctx, origin(b.acsURL)+"/", map[string]any{
		"mode": "no-cors", "cache": "no-store", "credentials": "omit",
	})
	return outcome(err, answered), err
}

// loadOrError places an element that loads the issuer's page and waits for the
// event that says how it went.
func (b *browser) loadOrError(ctx context.Context, tag string, properties map[string]string) (string, error) {
	element, remove, err := b.place(tag, properties)
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
