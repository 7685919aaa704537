//go:build js && wasm

package observe

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/facts"
)

// ownPopup are the facts of the window that the loader opened in the click.
var ownPopup = []facts.Declared{
	facts.PopupResult, facts.PopupActivationBefore, facts.PopupActivationSpent,
	facts.PopupNative, facts.PopupHello, facts.PopupClosedEarly,
}

// hostPopup are the facts of the window that the payment itself needed.
var hostPopup = []facts.Declared{facts.HostPopupResult, facts.HostPopupActivation}

func popupObserver() observer {
	return observer{
		name:  "popup",
		limit: 4 * time.Second,
		keys:  slices.Concat(ownPopup, hostPopup, []facts.Declared{facts.PopupSandboxed}),
		run:   observePopup,
	}
}

func observePopup(ctx context.Context, b *browser, set *facts.Set) {
	const from = "popup"
	set.PutBool(facts.PopupSandboxed, b.popupsSandboxed(), from)
	b.observeHostPopup(set, from)
	if _, ok := at(b.popup); !ok {
		unknown(set, facts.ReasonNoGesture, from, ownPopup...)
		return
	}
	check, err := b.await(ctx, b.popup)
	if err != nil {
		return
	}
	if result, ok := text(check, "result"); ok {
		set.PutString(facts.PopupResult, result, from)
	}
	b.observeActivation(check, set, from)
	for key, name := range map[facts.BoolKey]string{
		facts.PopupNative: "native", facts.PopupHello: "hello", facts.PopupClosedEarly: "closedEarly",
	} {
		if v, ok := boolean(check, name); ok {
			set.PutBool(key, v, from)
		}
	}
}

// observeActivation compares the click's activation before and after; some
// browsers do not tell.
func (b *browser) observeActivation(check safejs.Value, set *facts.Set, from string) {
	before, ok := boolean(check, "activationBefore")
	if !ok {
		unknown(set, facts.ReasonUnsupported, from, facts.PopupActivationBefore, facts.PopupActivationSpent)
		return
	}
	set.PutBool(facts.PopupActivationBefore, before, from)
	set.PutBool(facts.PopupActivationSpent, before && !is(check, "activationAfter"), from)
}

// observeHostPopup takes over what the host page says of its own window.
func (b *browser) observeHostPopup(set *facts.Set, from string) {
	result, ok := text(b.hostPopup, "result")
	if !ok {
		notApplicable(set, facts.ReasonNotConfigured, from, hostPopup...)
		return
	}
	set.PutString(facts.HostPopupResult, result, from)
	if active, ok := boolean(b.hostPopup, "activation"); ok {
		set.PutBool(facts.HostPopupActivation, active, from)
	}
}

// popupsSandboxed reports whether this page is in a frame whose sandbox keeps
// windows from opening. A frame of another site cannot be asked; an opaque
// origin gives a sandbox away.
func (b *browser) popupsSandboxed() bool {
	if o, _ := text(b.window, "origin"); o == "null" {
		return true
	}
	frame, ok := at(b.window, "frameElement")
	if !ok {
		return false
	}
	tokens, sandboxed := attribute(frame, "sandbox")
	return sandboxed && !slices.Contains(strings.Fields(tokens), "allow-popups")
}

// attribute returns the value of an element's attribute, and whether it is set.
func attribute(element safejs.Value, name string) (string, bool) {
	v, err := element.Call("getAttribute", name)
	if err != nil {
		return "", false
	}
	return text(v)
}
