//go:build js && wasm

package observe

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/facts"
)

// answering makes a page of the origin whose frames, as soon as they are put in,
// send messages with the nonce of their address. Each is a function of that and of
// the frame's own origin.
func answering(t *testing.T, b *browser, pageOrigin string, messages ...string) {
	t.Helper()
	b.window = script(t, `Object.assign(new EventTarget(), {origin: "`+pageOrigin+`"})`)
	document, err := script(t, `(w) => ({
		body: {appendChild(frame) {
			const {origin, searchParams} = new URL(frame.src);
			for (const message of [`+strings.Join(messages, ", ")+`]) {
				const told = {source: frame.contentWindow, ...message(searchParams.get("nonce"), origin)};
				setTimeout(() => w.dispatchEvent(Object.assign(new Event("message"), told)));
			}
		}},
		createElement: () => ({contentWindow: {}, setAttribute(name, value) { this[name] = value }, remove() {}}),
	})`).Invoke(b.window)
	assert.NoError(t, err)
	b.document = document
}

func TestWhatTheHelperTellsOfItsStorage(t *testing.T) {
	unsupported := facts.Entry{Reason: facts.ReasonUnsupported}
	tests := map[string]struct {
		says            string
		stored, divided facts.Entry
	}{
		"divided":     {`localStorage: "kept", storageDivided: true`, said("kept"), facts.Entry{State: facts.Known, Bool: true}},
		"the same":    {`localStorage: "kept", storageDivided: false`, said("kept"), facts.Entry{State: facts.Known}},
		"not to tell": {`localStorage: "kept", storageDivided: undefined`, said("kept"), unsupported},
		"refused":     {`localStorage: "refused"`, said("refused"), unsupported},
		"no answer":   {`localStorage: undefined`, unsupported, unsupported},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			answering(t, b, "https://pay.test", `(nonce, origin) => ({origin, data: {nonce, type: "checkout-doctor:helper", storageAccess: true, `+tt.says+`}})`)
			b.helper = "https://h.test"
			var set facts.Set
			observeHelper(t.Context(), b, &set)
			tt.stored.From, tt.divided.From = "helper", "helper"
			assert.Equal(t, tt.stored, set.Entry(facts.ThirdPartyStorage))
			assert.Equal(t, tt.divided, set.Entry(facts.ThirdPartyDivided))
			assert.True(t, set.Is(facts.StorageAccess, true))
			assert.Empty(t, b.handlers)
		})
	}
}

// TestTheHelperAloneIsHeard: of two messages with the nonce the first is from
// somebody else, or may be.
func TestTheHelperAloneIsHeard(t *testing.T) {
	const (
		helper  = `(nonce, origin) => ({origin, data: {nonce, type: "checkout-doctor:helper", storageAccess: true}})`
		opaque  = `(nonce) => ({origin: "null", data: {nonce, type: "checkout-doctor:helper", storageAccess: false}})`
		foreign = `(nonce) => ({origin: "https://h.test.evil.test", data: {nonce, type: "checkout-doctor:helper", storageAccess: false}})`
		plain   = `(nonce) => ({origin: "http://h.test", data: {nonce, type: "checkout-doctor:helper", storageAccess: false}})`
		other   = `(nonce, origin) => ({source: {}, origin, data: {nonce, type: "checkout-doctor:helper", storageAccess: false}})`
	)
	for name, tt := range map[string]struct {
		page, first string
		helper      bool // the second is heard
	}{
		"another origin":                  {"https://pay.test", foreign, true},
		"the helper's host in plain HTTP": {"https://pay.test", plain, true},
		"another window":                  {"https://pay.test", other, true},
		"a frame that has no origin":      {"https://pay.test", opaque, true},
		"a page that has no origin":       {"null", opaque, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			answering(t, b, tt.page, tt.first, helper)
			b.helper = "https://h.test"
			var set facts.Set
			observeHelper(t.Context(), b, &set)
			assert.True(t, set.Is(facts.StorageAccess, tt.helper))
		})
	}
}
