//go:build js && wasm

package observe

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/facts"
)

// answering makes a page whose frames, as soon as they are put in, send a message
// with the properties, and the nonce of their address.
func answering(t *testing.T, b *browser, message string) {
	t.Helper()
	b.window = script(t, `new EventTarget()`)
	document, err := script(t, `(w) => ({
		body: {appendChild(frame) {
			const nonce = new URL(frame.src).searchParams.get("nonce");
			const event = Object.assign(new Event("message"), {source: frame.contentWindow, data: {nonce, ...`+message+`}});
			setTimeout(() => w.dispatchEvent(event));
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
			answering(t, b, `{type: "checkout-doctor:helper", storageAccess: true, `+tt.says+`}`)
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
