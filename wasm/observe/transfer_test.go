//go:build js && wasm

package observe

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/facts"
)

func TestWhatTheConnectionCarries(t *testing.T) {
	known := func(said string) facts.Entry { return facts.Entry{State: facts.Known, Str: said} }
	measured := func(n int64) facts.Entry { return facts.Entry{State: facts.Known, Int: n} }
	because := func(why facts.Reason) facts.Entry { return facts.Entry{Reason: why} }
	const trips, passes = `roundTrips: async () => ({times: [40.4, 12.6, 19], lost: 0}),`, `
		download: async () => ({outcome: "passed", kbits: 8000.4}), upload: async () => "passed",`
	tests := map[string]struct {
		measure                          string
		refused                          bool
		lost, trip, down, up, throughput facts.Entry
	}{
		"all": {`{` + trips + passes + `}`, false, measured(0), measured(13), known(passed), known(passed), measured(8000)},
		"not all small ones": {`{` + passes + `roundTrips: async () => ({times: [30], lost: 4})}`, false,
			measured(4), measured(30), known(passed), known(passed), measured(8000)},
		"no large answers": {`{` + trips + passes + `download: async () => ({outcome: "stalled", kbits: 0})}`, false,
			measured(0), measured(13), known("stalled"), because(facts.ReasonNotKnown), because(facts.ReasonNotKnown)},
		"large answers slowly": {`{` + trips + passes + `download: async () => ({outcome: "passed", kbits: 90})}`, false,
			measured(0), measured(13), known(passed), because(facts.ReasonNotKnown), measured(90)},
		"part of a large answer": {`{` + trips + passes + `download: async () => ({outcome: "cut", kbits: 300})}`, false,
			measured(0), measured(13), known("cut"), known(passed), measured(300)},
		"no large requests": {`{` + trips + passes + `upload: async () => "stalled"}`, false,
			measured(0), measured(13), known(passed), known("stalled"), measured(8000)},
		"large requests slowly": {`{` + trips + passes + `upload: async () => "slow"}`, false,
			measured(0), measured(13), known(passed), because(facts.ReasonNotKnown), measured(8000)},
		"nothing": {`{` + passes + `roundTrips: async () => ({times: [], lost: 5})}`, false,
			because(facts.ReasonNotKnown), because(facts.ReasonNotKnown), because(facts.ReasonNotKnown),
			because(facts.ReasonNotKnown), because(facts.ReasonNotKnown)},
		"nothing that the policy lets pass": {`{roundTrips: async () => ({times: [], lost: 5})}`, true,
			because(facts.ReasonRefused), because(facts.ReasonRefused), because(facts.ReasonRefused),
			because(facts.ReasonRefused), because(facts.ReasonRefused)},
		"what nobody measures": {`{}`, false, because(facts.ReasonUnsupported), because(facts.ReasonUnsupported),
			because(facts.ReasonUnsupported), because(facts.ReasonUnsupported), because(facts.ReasonUnsupported)},
		"what makes no sense": {`{` + `roundTrips: async () => ({times: [-1, NaN, "7", 5], lost: 9}),
			download: async () => ({outcome: "great", kbits: Infinity}), upload: async () => 7}`, false,
			because(facts.ReasonNotKnown), measured(5), because(facts.ReasonInvalid), because(facts.ReasonNotKnown), because(facts.ReasonNotKnown)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			connected(t, b, `() => ({})`, tt.measure)
			b.vantage = "https://v.test/vantage"
			if tt.refused {
				b.refused.note("https://v.test")
			}
			var set facts.Set
			observeTransfer(t.Context(), b, &set)
			for key, want := range map[facts.Declared]facts.Entry{
				facts.RequestsLost: tt.lost, facts.RoundTrip: tt.trip, facts.Download: tt.down, facts.Upload: tt.up, facts.Throughput: tt.throughput,
			} {
				want.From = "transfer"
				assert.Equal(t, want, set.Entry(key), facts.Name(key))
			}
			assert.Empty(t, b.handlers)
		})
	}
}

func TestOneComesAfterTheOther(t *testing.T) {
	b := looking(t)
	connected(t, b, `() => ({})`, `(() => {
		const told = [], tell = (...words) => told.push(words.join(" "))
		return {told,
			async roundTrips(...asked) { tell("small", ...asked); await null; tell("answered"); return {times: [1], lost: 0} },
			async download(...asked) { tell("down", ...asked); await null; tell("came"); return {outcome: "passed", kbits: 9000} },
			async upload(...asked) { tell("up", ...asked); return "passed" },
		}
	})()`)
	b.vantage = "https://v.test/doctor/vantage?lab-country=NL"
	var set facts.Set
	observeTransfer(t.Context(), b, &set)
	assert.Equal(t, []string{
		"small https://v.test/doctor/vantage?lab-country=NL 5 5000", "answered",
		"down https://v.test/doctor/transfer?lab-country=NL 65536 6000", "came",
		"up https://v.test/doctor/transfer?lab-country=NL 32768 4000",
	}, texts(b.measure, "told"))
	assert.True(t, set.Equals(facts.Upload, passed))
}

func TestNothingIsMeasuredWithoutAVantage(t *testing.T) {
	b := looking(t)
	connected(t, b, `() => ({})`, `{roundTrips() { throw new Error("asked") }}`)
	var set facts.Set
	observeTransfer(t.Context(), b, &set)
	for _, key := range transferFacts {
		assert.Equal(t, facts.Entry{Reason: facts.ReasonNotConfigured, From: "transfer"}, set.Entry(key), facts.Name(key))
	}
}
