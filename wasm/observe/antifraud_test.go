//go:build js && wasm

package observe

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/facts"
)

func TestAntiFraudServices(t *testing.T) {
	const ours = `if (host === "d.test") return {};`
	known := func(word string) facts.Entry { return facts.Entry{State: facts.Known, Str: word, From: "anti-fraud"} }
	none := facts.Entry{State: facts.NotApplicable, Reason: facts.ReasonNotConfigured, From: "anti-fraud"}
	lost := func(why facts.Reason) facts.Entry { return facts.Entry{Reason: why, From: "anti-fraud"} }
	forter := `[{src: "https://cdn9.forter.com/s.js"}]`
	tests := map[string]struct {
		elements, note, answer string
		refused                string
		said, origin           facts.Entry
	}{
		"none": {`[{src: "https://pay.test/forter.com.js"}, {src: "https://notforter.com/x.js"}]`, ``, ours, "", none, none},
		"one that comes": {`[{src: "https://h.online-metrix.net/fp/tags.js?id=1"}]`, ``, `return {}`, "",
			known("loaded"), known("https://h.online-metrix.net")},
		"one that does not": {forter, ``, ours + `throw new TypeError("blocked")`, "",
			known("blocked"), known("https://cdn9.forter.com")},
		"one of two": {`[{src: "https://cdn.sift.com/s.js"}, {src: "https://mpsnare.iesnare.com/snare.js"}]`, ``,
			ours + `if (host === "cdn.sift.com") return {}; throw new TypeError("blocked")`, "",
			known("blocked"), known("https://mpsnare.iesnare.com")},
		"a failure that was noted": {`[]`, `{kind: "chunk", origin: "https://cdn9.forter.com"}`, ours + `throw new TypeError("blocked")`, "",
			known("blocked"), known("https://cdn9.forter.com")},
		"the page's policy": {forter, ``, ours + `throw new TypeError("refused")`, "https://cdn9.forter.com",
			lost(facts.ReasonNotKnown), lost(facts.ReasonNotKnown)},
		"no network at all": {forter, ``, `throw new TypeError("away")`, "",
			lost(facts.ReasonUnreachable), lost(facts.ReasonUnreachable)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			fileServer(t, b, `[]`, tt.elements, `(path, init, host) => {`+tt.answer+`}`)
			b.control = "https://d.test/control"
			b.notes = items(script(t, `[`+tt.note+`]`))
			b.refused.note(tt.refused)
			var set facts.Set
			observeAntiFraud(t.Context(), b, &set)
			assert.Equal(t, tt.said, set.Entry(facts.AntiFraud))
			assert.Equal(t, tt.origin, set.Entry(facts.AntiFraudOrigin))
			assert.Empty(t, b.handlers)
		})
	}
}

// The query may hold the id of the shopper's session with the service.
func TestNoQueryIsSentTwice(t *testing.T) {
	b := looking(t)
	asked := fileServer(t, b, `[]`, `[]`, `""`)
	require.NoError(t, set(b.window, "fetch", script(t, `(async function (url) { this.asked.push(url); return {} })`)))
	said, _ := b.stillLoads(t.Context(), "https://h.online-metrix.net/fp/tags.js?session_id=4711#x")
	assert.Equal(t, loaded, said)
	assert.Equal(t, []string{"https://h.online-metrix.net/fp/tags.js"}, asked())
}

func TestAPageThatIsIsolatedTellsOfNoService(t *testing.T) {
	b := looking(t)
	fileServer(t, b, `[]`, `[]`, `() => { throw new TypeError("no Cross-Origin-Resource-Policy") }`)
	require.NoError(t, set(b.window, "crossOriginIsolated", true))
	said, why := b.stillLoads(t.Context(), "https://cdn9.forter.com/s.js")
	assert.Empty(t, said)
	assert.Equal(t, facts.ReasonNotKnown, why)
}

func TestAServiceThatSaysHowMuchItSentIsNotAskedAgain(t *testing.T) {
	b := looking(t)
	asked := fileServer(t, b, `[]`, `[]`, `""`)
	b.window = script(t, `({performance: {getEntriesByName: (url) => [{name: url, transferSize: 300}]}})`)
	said, _ := b.stillLoads(t.Context(), "https://cdn9.forter.com/s.js")
	assert.Equal(t, loaded, said)
	assert.Empty(t, asked())
}
