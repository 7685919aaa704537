//go:build js && wasm

package observe

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/facts"
)

// A browser that gives no window to a click that was used up before blocks
// nothing, and neither does anybody else.
func TestAClickThatWasUsedUpBeforeTellsNothing(t *testing.T) {
	tests := map[string]struct {
		check          string
		spent          bool
		result, before facts.Entry
	}{
		"used up": {`{result: "null", activationBefore: false, activationAfter: false, native: true}`, true,
			facts.Entry{Reason: facts.ReasonNoGesture}, facts.Entry{State: facts.Known}},
		"used up, and allowed all the same": {`{result: "window", activationBefore: false, activationAfter: false, native: true}`, false,
			facts.Entry{State: facts.Known, Str: "window"}, facts.Entry{State: facts.Known}},
		"used up, and somebody else's function": {`{result: "threw", activationBefore: false, native: false}`, false,
			facts.Entry{State: facts.Known, Str: "threw"}, facts.Entry{State: facts.Known}},
		"blocked": {`{result: "null", activationBefore: true, activationAfter: false, native: true}`, false,
			facts.Entry{State: facts.Known, Str: "null"}, facts.Entry{State: facts.Known, Bool: true}},
		"a browser that does not tell": {`{result: "null", native: true}`, false,
			facts.Entry{State: facts.Known, Str: "null"}, facts.Entry{Reason: facts.ReasonUnsupported}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			b.window = script(t, `({})`)
			b.popup = script(t, `Promise.resolve(`+tt.check+`)`)
			var set facts.Set
			observePopup(t.Context(), b, &set)
			tt.result.From, tt.before.From = "popup", "popup"
			assert.Equal(t, tt.result, set.Entry(facts.PopupResult))
			assert.Equal(t, tt.before, set.Entry(facts.PopupActivationBefore))
			assert.Equal(t, tt.spent, set.Entry(facts.PopupHello).Reason == facts.ReasonNoGesture)
			assert.Equal(t, facts.Known, set.Entry(facts.PopupNative).State)
		})
	}
}

func TestWhatTheHostPageSaysOfItsWindow(t *testing.T) {
	b := looking(t)
	b.window = script(t, `({})`)
	b.hostPopup = script(t, `({result: "null", second: true})`)
	var set facts.Set
	observePopup(t.Context(), b, &set)
	assert.True(t, set.Equals(facts.HostPopupResult, "null"))
	assert.True(t, set.Is(facts.HostPopupSecond, true))
	assert.Equal(t, facts.ReasonNotConfigured, set.Entry(facts.HostPopupActivation).Reason, "it did not say")

	b.hostPopup = script(t, `null`)
	observePopup(t.Context(), b, &set)
	assert.Equal(t, facts.NotApplicable, set.Entry(facts.HostPopupSecond).State)
}
