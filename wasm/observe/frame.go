//go:build js && wasm

package observe

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/facts"
)

// frameShape are the facts that the frame's element shows.
var frameShape = []facts.Declared{
	facts.FrameLoads, facts.FrameAccess, facts.FrameSandbox, facts.FrameSandboxed,
	facts.FrameWidth, facts.FrameHeight, facts.FrameCollapsed, facts.FrameHidden, facts.FrameChildren,
	facts.FrameMessages, facts.FrameCompleted, facts.FrameFocused,
}

// frameEvents are the facts that only a recorder can have noted.
var frameEvents = []facts.Declared{facts.FrameLoads, facts.FrameMessages, facts.FrameCompleted, facts.FrameFocused}

// policyFacts are what policies said of the challenge, frame or no frame.
var policyFacts = []facts.Declared{
	facts.ViolationFrameSrc, facts.ViolationFormAction, facts.ReportAncestors, facts.ReportIsolation,
}

// statedFacts are what the host page says of the payment.
var statedFacts = []facts.Declared{facts.MethodIndicator, facts.TransStatus}

func frameObserver() observer {
	return observer{
		name:  "frame",
		limit: time.Second,
		keys:  slices.Concat([]facts.Declared{facts.FramePresent, facts.ACSOrigin}, frameShape, policyFacts, statedFacts),
		run:   observeFrame,
	}
}

// observeFrame looks at the challenge frame from outside, and at what was
// noted of it.
func observeFrame(_ context.Context, b *browser, set *facts.Set) {
	const from = "frame"
	b.observeStated(set, from)
	b.observePolicies(set, from)
	if !b.frameWanted {
		notApplicable(set, facts.ReasonNotConfigured, from, append(frameShape, facts.FramePresent)...)
		return
	}
	connected, _ := boolean(b.frame, "isConnected")
	set.PutBool(facts.FramePresent, connected, from)
	if !connected {
		b.observeGone(set, from)
		return
	}
	b.observeAttributes(set, from)
	b.observeBoxes(set, from)
	b.observeContent(set, from)
	b.observeNotes(set, from)
}

// observeGone is for a frame that is not there: not yet, and then there is
// nothing to know, or not any more, and then only the recorder knows.
func (b *browser) observeGone(set *facts.Set, from string) {
	if _, seen := at(b.frameNotes); !seen {
		notApplicable(set, facts.ReasonNotConfigured, from, frameShape...)
		return
	}
	unknown(set, facts.ReasonNotObserved, from, frameShape...)
	b.observeNotes(set, from)
}

// observeStated takes over what the host page says.
func (b *browser) observeStated(set *facts.Set, from string) {
	putStated(set, facts.ACSOrigin, origin(b.acsURL), from)
	putStated(set, facts.MethodIndicator, b.compInd, from)
	putStated(set, facts.TransStatus, b.transStatus, from)
}

func putStated(set *facts.Set, key facts.StringKey, value, from string) {
	if value == "" {
		notApplicable(set, facts.ReasonNotConfigured, from, key)
		return
	}
	set.PutString(key, value, from)
}

func (b *browser) observeAttributes(set *facts.Set, from string) {
	tokens, sandboxed := attribute(b.frame, "sandbox")
	set.PutBool(facts.FrameSandboxed, sandboxed, from)
	if !sandboxed {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.FrameSandbox)
		return
	}
	set.PutList(facts.FrameSandbox, strings.Fields(tokens), from)
}

// observeBoxes tells a collapsed frame, whose style still shows it, from one
// that a style hides, its own or an ancestor's.
func (b *browser) observeBoxes(set *facts.Set, from string) {
	if rect, err := Call(b.frame, "getBoundingClientRect"); err == nil {
		putCount(set, facts.FrameWidth, rect, "width", from)
		putCount(set, facts.FrameHeight, rect, "height", from)
	}
	rendered, visible := b.styleOf(b.frame)
	set.PutBool(facts.FrameHidden, !visible, from)
	if b.engine() != "chromium" { // others do not collapse what they block
		unknown(set, facts.ReasonUnsupported, from, facts.FrameCollapsed)
		return
	}
	if rects, err := Call(b.frame, "getClientRects"); err == nil {
		count, ok := number(rects, "length")
		set.PutBool(facts.FrameCollapsed, ok && count == 0 && rendered, from)
	}
}

// styleOf reports whether the styles of the element, and of all that it is in,
// give it boxes, and whether those can be seen. Visibility is inherited, so
// the element's own is the whole truth. An opacity that is being animated is
// not meant to stay.
func (b *browser) styleOf(element safejs.Value) (rendered, visible bool) {
	visible = true
	for node, ok := element, true; ok; node, ok = parentOf(node) {
		style, err := Call(b.window, "getComputedStyle", node)
		if err != nil {
			break
		}
		// No display at all is what a child has that no slot takes up.
		if display := textOr(style, "", "display"); display == "none" || display == "" {
			return false, false
		}
		if opacity, _ := text(style, "opacity"); opacity == "0" && !animated(node) {
			visible = false
		}
	}
	style, err := Call(b.window, "getComputedStyle", element)
	visibility, _ := text(style, "visibility")
	return true, visible && (err != nil || visibility == "visible")
}

func animated(element safejs.Value) bool {
	animations, err := Call(element, "getAnimations")
	return err == nil && len(items(animations)) > 0
}

// parentOf returns the element that node is shown in: the slot that took it up,
// the element around it or, from a shadow root, the host.
func parentOf(node safejs.Value) (safejs.Value, bool) {
	for _, name := range []string{"assignedSlot", "parentElement"} {
		if parent, ok := at(node, name); ok {
			return parent, true
		}
	}
	root, err := Call(node, "getRootNode")
	if err != nil {
		return safejs.Undefined(), false
	}
	return at(root, "host")
}

// observeContent asks what the browser lets us see of another site's document.
func (b *browser) observeContent(set *facts.Set, from string) {
	content, ok := at(b.frame, "contentWindow")
	if !ok {
		return
	}
	set.PutString(facts.FrameAccess, access(content), from)
	putCount(set, facts.FrameChildren, content, "length", from)
}

// putCount puts the number that stands under the name, rounded.
func putCount(set *facts.Set, key facts.IntKey, v safejs.Value, name, from string) {
	if n, ok := number(v, name); ok {
		set.PutInt(key, int64(math.Round(n)), from)
	}
}

func access(content safejs.Value) string {
	href, ok := text(content, "location", "href")
	switch {
	case !ok:
		return "cross-origin"
	case href == "about:blank":
		return "blank"
	}
	return "same-origin"
}

// observeNotes takes over the recorder's tally.
func (b *browser) observeNotes(set *facts.Set, from string) {
	if _, ok := at(b.frameNotes); !ok || !b.recording {
		unknown(set, facts.ReasonNotConfigured, from, frameEvents...)
		return
	}
	putCount(set, facts.FrameLoads, b.frameNotes, "loads", from)
	putCount(set, facts.FrameMessages, b.frameNotes, "messages", from)
	set.PutBool(facts.FrameCompleted, b.challengeEnd, from)
	set.PutBool(facts.FrameFocused, is(b.frameNotes, "focused"), from)
}

// observePolicies judges the recorder's notes of violations and reports. Only
// what was enforced counts, and only what stopped the issuer.
func (b *browser) observePolicies(set *facts.Set, from string) {
	if !b.frameWanted {
		notApplicable(set, facts.ReasonNotConfigured, from, policyFacts...)
		return
	}
	if !b.recording {
		unknown(set, facts.ReasonNotConfigured, from, policyFacts...)
		return
	}
	// The effective directive, so never default-src, which stands for what has
	// no name of its own, such as our prefetch of the issuer's page.
	b.putNoted(set, facts.ViolationFrameSrc, from, "violation", "frame-src", "child-src")
	b.putNoted(set, facts.ViolationFormAction, from, "violation", "form-action")
	b.putNoted(set, facts.ReportAncestors, from, "report", "frame-ancestors")
	b.putNoted(set, facts.ReportIsolation, from, "report", "coep")
}

// putNoted puts whether the recorder noted a violation of one of the directives,
// or a report of one of the types, against the issuer. Where the host page did
// not say who that is, a note may as well be about somebody else, and the fact
// stays unknown.
func (b *browser) putNoted(set *facts.Set, key facts.BoolKey, from, kind string, names ...string) {
	acs := origin(b.acsURL)
	var against, others bool
	for _, note := range b.notes {
		noteKind, _ := text(note, "kind")
		directive, _ := text(note, "directive")
		reportType, _ := text(note, "type")
		if noteKind != kind || textOr(note, "enforce", "disposition") != "enforce" ||
			!slices.Contains(names, directive) && !slices.Contains(names, reportType) {
			continue
		}
		switch o, _ := text(note, "origin"); {
		case acs != "" && o == acs:
			against = true
		case acs == "" && o != b.helper && o != origin(b.assets):
			others = true
		}
	}
	if others {
		unknown(set, facts.ReasonNotConfigured, from, key)
		return
	}
	set.PutBool(key, against, from)
}
