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
		notApplicable(set, facts.ReasonNotConfigured, from, frameShape...)
		return
	}
	b.observeAttributes(set, from)
	b.observeBoxes(set, from)
	b.observeContent(set, from)
	b.observeNotes(set, from)
}

// observeStated takes over what the host page says.
func (b *browser) observeStated(set *facts.Set, from string) {
	for key, value := range map[facts.StringKey]string{
		facts.ACSOrigin: origin(b.acsURL), facts.MethodIndicator: b.compInd, facts.TransStatus: b.transStatus,
	} {
		if value == "" {
			notApplicable(set, facts.ReasonNotConfigured, from, key)
			continue
		}
		set.PutString(key, value, from)
	}
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
	if rect, err := b.frame.Call("getBoundingClientRect"); err == nil {
		if width, ok := number(rect, "width"); ok {
			set.PutInt(facts.FrameWidth, int64(math.Round(width)), from)
		}
		if height, ok := number(rect, "height"); ok {
			set.PutInt(facts.FrameHeight, int64(math.Round(height)), from)
		}
	}
	hidden := b.styleHides(b.frame)
	set.PutBool(facts.FrameHidden, hidden, from)
	if rects, err := b.frame.Call("getClientRects"); err == nil {
		count, ok := number(rects, "length")
		set.PutBool(facts.FrameCollapsed, ok && count == 0 && !hidden, from)
	}
}

// styleHides reports whether the element or one of its ancestors, across
// shadow roots, is styled away.
func (b *browser) styleHides(element safejs.Value) bool {
	for node, ok := element, true; ok; node, ok = parentOf(node) {
		style, err := b.window.Call("getComputedStyle", node)
		if err != nil {
			return false
		}
		display, _ := text(style, "display")
		visibility, _ := text(style, "visibility")
		opacity, _ := text(style, "opacity")
		if display == "none" || visibility == "hidden" || opacity == "0" {
			return true
		}
	}
	return false
}

// parentOf returns the element around node; from a shadow root it is the host.
func parentOf(node safejs.Value) (safejs.Value, bool) {
	if parent, ok := at(node, "parentElement"); ok {
		return parent, true
	}
	root, err := node.Call("getRootNode")
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
	if children, ok := number(content, "length"); ok {
		set.PutInt(facts.FrameChildren, int64(children), from)
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
	for key, name := range map[facts.IntKey]string{facts.FrameLoads: "loads", facts.FrameMessages: "messages"} {
		if n, ok := number(b.frameNotes, name); ok {
			set.PutInt(key, int64(n), from)
		}
	}
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
	set.PutBool(facts.ViolationFrameSrc, b.noted("violation", "frame-src", "child-src", "default-src"), from)
	set.PutBool(facts.ViolationFormAction, b.noted("violation", "form-action"), from)
	set.PutBool(facts.ReportAncestors, b.noted("report", "frame-ancestors"), from)
	set.PutBool(facts.ReportIsolation, b.noted("report", "coep"), from)
}

// noted reports whether the recorder noted one of the directives against the
// issuer.
func (b *browser) noted(kind string, directives ...string) bool {
	return slices.ContainsFunc(b.notes, func(note safejs.Value) bool {
		noteKind, _ := text(note, "kind")
		directive, _ := text(note, "directive")
		disposition := textOr(note, "enforce", "disposition")
		return noteKind == kind && disposition == "enforce" &&
			slices.Contains(directives, directive) && b.concernsIssuer(textOr(note, "", "origin"))
	})
}

// concernsIssuer reports whether the origin is the issuer's. Where the host
// page did not say whose that is, anybody's but ours is taken for it.
func (b *browser) concernsIssuer(o string) bool {
	if acs := origin(b.acsURL); acs != "" && o != "" {
		return o == acs
	}
	return o != origin(b.helper) && o != origin(b.assets)
}
