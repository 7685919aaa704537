//go:build js && wasm

package observe

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/facts"
)

func TestWhereThePageCameFrom(t *testing.T) {
	for name, tt := range map[string]struct{ navigation, want string }{
		"the network":               {`[{workerStart: 0, deliveryType: "", transferSize: 900, decodedBodySize: 600}]`, "network"},
		"a word that it is the old": {`[{workerStart: 0, deliveryType: "", transferSize: 300, decodedBodySize: 600}]`, "network"},
		"a prefetch":                {`[{workerStart: 0, deliveryType: "navigational-prefetch", transferSize: 0, decodedBodySize: 600}]`, "network"},
		"the cache":                 {`[{workerStart: 0, deliveryType: "cache", transferSize: 0, decodedBodySize: 600}]`, "cache"},
		"the cache, without a word": {`[{workerStart: 0, transferSize: 0, decodedBodySize: 600}]`, "cache"},
		"a worker":                  {`[{workerStart: 3.5, deliveryType: "cache", transferSize: 0, decodedBodySize: 600}]`, "worker"},
		"a browser that tells none": {`[{}]`, ""},
		"no entry":                  {`[]`, ""},
	} {
		b := looking(t)
		b.window = script(t, `({performance: {getEntriesByType: () => `+tt.navigation+`}})`)
		assert.Equal(t, tt.want, b.pageFrom(), name)
	}
}

func TestAWorkerThatWaits(t *testing.T) {
	known := func(waits bool) facts.Entry { return facts.Entry{State: facts.Known, Bool: waits, From: "build"} }
	for name, tt := range map[string]struct {
		container string
		want      facts.Entry
	}{
		"waits":                  {`{getRegistration: async () => ({waiting: {}})}`, known(true)},
		"does not":               {`{getRegistration: async () => ({waiting: null})}`, known(false)},
		"no worker":              {`{getRegistration: async () => undefined}`, known(false)},
		"no workers in this one": {`undefined`, facts.Entry{Reason: facts.ReasonUnsupported, From: "build"}},
		"refused":                {`{getRegistration: async () => { throw new Error("SecurityError") }}`, facts.Entry{Reason: facts.ReasonRefused, From: "build"}},
	} {
		b := looking(t)
		b.window = script(t, `({navigator: {serviceWorker: `+tt.container+`}})`)
		var set facts.Set
		b.observeWaiting(t.Context(), &set, "build")
		assert.Equal(t, tt.want, set.Entry(facts.WorkerWaiting), name)
	}
}

func TestTheServersBuild(t *testing.T) {
	unknown := func(why facts.Reason) facts.Entry { return facts.Entry{Reason: why, From: "build"} }
	known := func(differs bool) facts.Entry {
		return facts.Entry{State: facts.Known, Bool: differs, From: "build"}
	}
	for name, tt := range map[string]struct {
		build  string
		answer controlAnswer
		want   facts.Entry
	}{
		"the same":                {"b1", controlAnswer{said: answered, buildID: "b1"}, known(false)},
		"another":                 {"b1", controlAnswer{said: answered, buildID: "b2"}, known(true)},
		"a server without one":    {"b1", controlAnswer{said: answered}, unknown(facts.ReasonNotKnown)},
		"a page without one":      {"", controlAnswer{said: answered, buildID: "b2"}, unknown(facts.ReasonNotConfigured)},
		"no session":              {"b1", controlAnswer{said: "refused"}, unknown(facts.ReasonNotKnown)},
		"a redirect":              {"b1", controlAnswer{said: "other"}, unknown(facts.ReasonNotKnown)},
		"the page's policy":       {"b1", controlAnswer{said: failed, policy: true}, unknown(facts.ReasonRefused)},
		"a server out of reach":   {"b1", controlAnswer{said: failed}, unknown(facts.ReasonUnreachable)},
		"a server that is silent": {"b1", controlAnswer{said: timedOut}, unknown(facts.ReasonUnreachable)},
	} {
		b := looking(t)
		b.buildID, b.controlURL, b.answer = tt.build, "https://pay.test/session", tt.answer
		b.asked.Do(func() {})
		var set facts.Set
		b.observeBuildID(t.Context(), &set, "build")
		assert.Equal(t, tt.want, set.Entry(facts.BuildDiffers), name)
	}
}
