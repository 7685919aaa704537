//go:build js && wasm

package observe

import (
	"slices"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

// ownPopup are the facts of the window that the loader opened in the click.
var ownPopup = []facts.Declared{
	facts.PopupResult, facts.PopupActivationBefore, facts.PopupActivationSpent,
	facts.PopupNative, facts.PopupHello, facts.PopupClosedEarly,
}

// hostPopup are the facts of the window that the payment itself needed.
var hostPopup = []facts.Declared{facts.HostPopupResult, facts.HostPopupActivation, facts.HostPopupSecond}

// spent are the facts that no check can establish whose click had no activation
// left: then the browser gives no window, whether it blocks windows or not.
var spent = []facts.Declared{
	facts.PopupResult, facts.PopupActivationSpent, facts.PopupHello, facts.PopupClosedEarly,
}

func popupObserver() observer {
	return observer{
		name:  "popup",
		limit: 7 * time.Second,
		keys:  slices.Concat(ownPopup, hostPopup, []facts.Declared{facts.PopupSandboxed}),
		run:   observePopup,
	}
}

func observePopup(ctx context.Context, b *browser, set *facts.Set) {
	const from = "popup"
	if sandboxed, known := b.popupsSandboxed(); known {
		set.PutBool(facts.PopupSandboxed, sandboxed, from)
	} else {
		unknown(set, facts.ReasonUnsupported, from, facts.PopupSandboxed)
	}
	b.observeHostPopup(set, from)
	if _, ok := at(b.popup); !ok {
		unknown(set, facts.ReasonNoGesture, from, ownPopup...)
		return
	}
	check, err := b.await(ctx, b.popup)
	if err != nil {
		return
	}
	result, _ := text(check, "result")
	if before, told := boolean(check, "activationBefore"); told && !before && result == "null" {
		set.PutBool(facts.PopupActivationBefore, false, from)
		unknown(set, facts.ReasonNoGesture, from, spent...)
		set.PutBool(facts.PopupNative, is(check, "native"), from)
		return
	}
	set.PutString(facts.PopupResult, result, from)
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
	unknown(set, facts.ReasonNotConfigured, from, hostPopup[1:]...)
	if active, ok := boolean(b.hostPopup, "activation"); ok {
		set.PutBool(facts.HostPopupActivation, active, from)
	}
	if second, ok := boolean(b.hostPopup, "second"); ok {
		set.PutBool(facts.HostPopupSecond, second, from)
	}
}

// popupsSandboxed reports whether this page is in a frame whose sandbox, or that
// of a frame around it, keeps windows from opening. A frame of another site
// cannot be asked; an opaque origin gives a sandbox away.
func (b *browser) popupsSandboxed() (sandboxed, known bool) {
	if b.isolated != "" {
		return boolean(b.sandboxed)
	}
	if b.isOpaque() {
		return true, true
	}
	frames, foreign := b.framesAround()
	for _, frame := range frames {
		tokens, has := attribute(frame, "sandbox")
		if has && !slices.Contains(strings.Fields(tokens), "allow-popups") {
			return true, true
		}
	}
	return false, !foreign
}

// isOpaque reports whether a sandbox took the page's origin away.
func (b *browser) isOpaque() bool {
	o, _ := text(b.window, "origin")
	return o == "null"
}

// maxDepth bounds how many frames are taken to stand around the page.
const maxDepth = 32

// framesAround returns the elements of the frames that the page is in, inmost
// first, and whether one of another origin is among them, where the walk ends.
func (b *browser) framesAround() (frames []safejs.Value, foreign bool) {
	for w := b.window; len(frames) < maxDepth; {
		parent, ok := at(w, "parent")
		if !ok || parent.Equal(w) {
			break
		}
		frame, ok := at(w, "frameElement")
		if !ok {
			return frames, true
		}
		frames, w = append(frames, frame), parent
	}
	return frames, false
}

// attribute returns the value of an element's attribute, and whether it is set.
func attribute(element safejs.Value, name string) (string, bool) {
	v, err := Call(element, "getAttribute", name)
	if err != nil {
		return "", false
	}
	return text(v)
}
