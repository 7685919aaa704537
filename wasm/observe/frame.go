//go:build js && wasm

package observe

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

// frameShape are the facts that the frame's element shows, and what the recorder
// tallied of it.
var frameShape = slices.Concat(frameEvents, []facts.Declared{
	facts.FrameAccess, facts.FrameSandbox, facts.FrameSandboxed, facts.FrameAllow, facts.FrameWidth, facts.FrameHeight,
	facts.FrameCollapsed, facts.FrameHidden, facts.FrameCovered, facts.FrameBehindDialog, facts.FrameChildren,
	facts.FrameStatus, facts.FrameFromWorker, facts.FrameWrapped,
})

// frameEvents are the facts of the frame that only a recorder can have noted.
var frameEvents = []facts.Declared{
	facts.FrameLoads, facts.FrameMessages, facts.FrameFocused, facts.FrameNullOrigin,
	facts.FrameCount, facts.FrameRemoved, facts.FrameLived, facts.ChallengeTimedOut,
}

// messageFacts are those of the message by which a challenge ended.
var messageFacts = []facts.Declared{facts.MessageAge, facts.MessageCRes, facts.MessageTransaction}

// statedFacts are what the host page says of the payment.
var statedFacts = []facts.Declared{
	facts.ACSOrigin, facts.MethodIndicator, facts.WindowSize,
	facts.TransStatus, facts.TransStatusReason, facts.ErrorCode, facts.DeclineCode,
}

func frameObserver() observer {
	return observer{
		name:  "frame",
		limit: time.Second,
		keys: slices.Concat([]facts.Declared{facts.FramePresent, facts.FrameCompleted, facts.FrameLeft},
			frameShape, messageFacts, policyFacts, statedFacts),
		run: observeFrame,
	}
}

// observeFrame looks at the challenge frame from outside, and at what was
// noted of it.
func observeFrame(_ context.Context, b *browser, set *facts.Set) {
	const from = "frame"
	b.observeStated(set, from)
	b.observePolicies(set, from)
	b.observeEnd(set, from)
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
	if b.isolated != "" {
		unknown(set, facts.ReasonOtherOrigin, from, frameShape...)
		b.observeNotes(set, from)
		return
	}
	b.observeAttributes(set, from)
	b.observeBoxes(set, from)
	b.observeCover(set, from)
	b.observeContent(set, from)
	b.observeNotes(set, from)
}

// wrapper returns the origin of the provider's page in which the issuer's stands;
// empty where the frame itself is the issuer's. An empty attribute stands for no
// page, although the property then gives this page's own address.
func (b *browser) wrapper() string {
	if written, _ := attribute(b.frame, "src"); written == "" || b.acsURL == "" {
		return ""
	}
	around := webOrigin(textOr(b.frame, "", "src"))
	if around == origin(b.acsURL) {
		return ""
	}
	return around
}

// observeGone is for a frame that is not there: not yet, and then there is
// nothing to know, or not any more, and then only the recorder knows. A
// challenge in a window has none.
func (b *browser) observeGone(set *facts.Set, from string) {
	if _, seen := at(b.frameNotes); !seen {
		notApplicable(set, facts.ReasonNotConfigured, from, frameShape...)
		return
	}
	unknown(set, facts.ReasonNotObserved, from, frameShape...)
	b.observeNotes(set, from)
}

// observeStated takes over what the host page says, as far as it has the shape
// that the protocol gives it.
func (b *browser) observeStated(set *facts.Set, from string) {
	putStated(set, facts.ACSOrigin, origin(b.acsURL), from)
	putStated(set, facts.MethodIndicator, b.compInd, from)
	putStated(set, facts.WindowSize, b.windowSize, from)
	putStated(set, facts.TransStatus, textOr(b.outcome, "", "transStatus"), from)
	putStated(set, facts.TransStatusReason, digits(textOr(b.outcome, "", "transStatusReason"), 2), from)
	putStated(set, facts.ErrorCode, digits(textOr(b.outcome, "", "errorCode"), 3), from)
	putStated(set, facts.DeclineCode, declineCode(textOr(b.outcome, "", "declineCode")), from)
}

// notOfThatShape is a value that no key holds.
const notOfThatShape = "?"

// digits returns s if it is empty or as many digits.
func digits(s string, n int) string {
	if s == "" || len(s) == n && countDigits(s) == n {
		return s
	}
	return notOfThatShape
}

// declineCode returns s unless it could be more than a code, such as a card's
// number; what else no code is, its key refuses.
func declineCode(s string) string {
	const mostDigits, mostLetters = 6, 40
	if countDigits(s) > mostDigits || len(s) > mostLetters {
		return notOfThatShape
	}
	return s
}

func countDigits(s string) (n int) {
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

func putStated(set *facts.Set, key facts.StringKey, value, from string) {
	if value == "" {
		notApplicable(set, facts.ReasonNotConfigured, from, key)
		return
	}
	set.PutString(key, value, from)
}

// observeEnd takes over how the challenge ended, in a frame or in a window.
func (b *browser) observeEnd(set *facts.Set, from string) {
	_, seen := at(b.frameNotes)
	switch {
	case !b.recording && b.frameWanted:
		unknown(set, facts.ReasonNotConfigured, from, append(messageFacts, facts.FrameCompleted, facts.FrameLeft)...)
		return
	case b.recording:
		set.PutBool(facts.FrameLeft, b.left, from)
	default:
		notApplicable(set, facts.ReasonNotConfigured, from, facts.FrameLeft)
	}
	if seen || b.ended {
		set.PutBool(facts.FrameCompleted, b.ended, from)
	} else {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.FrameCompleted)
	}
	if !b.ended {
		notApplicable(set, facts.ReasonNotConfigured, from, messageFacts...)
		return
	}
	putCount(set, facts.MessageAge, b.end, "age", from)
	set.PutString(facts.MessageCRes, textOr(b.end, "", "cres"), from)
	set.PutString(facts.MessageTransaction, textOr(b.end, "", "transaction"), from)
}

func (b *browser) observeAttributes(set *facts.Set, from string) {
	set.PutBool(facts.FrameWrapped, b.wrapper() != "", from)
	allow, _ := attribute(b.frame, "allow")
	src, _ := attribute(b.frame, "src")
	set.PutList(facts.FrameAllow, handedOn(allow, src), from)
	tokens, sandboxed := attribute(b.frame, "sandbox")
	set.PutBool(facts.FrameSandboxed, sandboxed, from)
	if !sandboxed {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.FrameSandbox)
		return
	}
	set.PutList(facts.FrameSandbox, strings.Fields(tokens), from)
}

// handedOn returns the features for passkeys that an allow attribute gives to
// another site's page, by a list of origins that goes beyond the page itself.
// No list stands for the frame's src, which is nobody's where a form opens the
// frame (https://w3c.github.io/webappsec-permissions-policy/#iframe-allow-attribute).
func handedOn(allow, src string) []string {
	var features []string
	for directive := range strings.SplitSeq(allow, ";") {
		words := strings.Fields(directive)
		if len(words) == 0 || !slices.Contains(passkeyFeatures, words[0]) {
			continue
		}
		others := slices.DeleteFunc(words[1:], func(origin string) bool {
			return origin == "'none'" || origin == "'self'" || origin == "'src'" && src == ""
		})
		if len(words) == 1 && src != "" || len(others) > 0 {
			features = append(features, words[0])
		}
	}
	return features
}

// observeBoxes tells a collapsed frame, whose style still shows it, from one
// that a style hides, its own or an ancestor's.
func (b *browser) observeBoxes(set *facts.Set, from string) {
	if rect, err := Call(b.frame, "getBoundingClientRect"); err == nil {
		putCount(set, facts.FrameWidth, rect, "width", from)
		putCount(set, facts.FrameHeight, rect, "height", from)
	}
	_, visible := b.styleOf(b.frame)
	set.PutBool(facts.FrameHidden, !visible, from)
	if collapsed, known := b.collapsed(b.frame); known {
		set.PutBool(facts.FrameCollapsed, collapsed, from)
	} else {
		unknown(set, facts.ReasonUnsupported, from, facts.FrameCollapsed)
	}
}

// collapsed reports whether the browser took the frame's boxes away, as
// Chromium does with one that an extension blocks. Others do not.
func (b *browser) collapsed(frame safejs.Value) (yes, known bool) {
	rects, err := Call(frame, "getClientRects")
	if err != nil || b.engine() != "chromium" {
		return false, false
	}
	count, ok := number(rects, "length")
	rendered, _ := b.styleOf(frame)
	return ok && count == 0 && rendered, true
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

// observeContent asks what the browser lets us see of another site's document,
// and more of one of our own.
func (b *browser) observeContent(set *facts.Set, from string) {
	notApplicable(set, facts.ReasonNotConfigured, from, facts.FrameStatus, facts.FrameFromWorker)
	content, ok := at(b.frame, "contentWindow")
	if !ok {
		return
	}
	seen := access(content)
	set.PutString(facts.FrameAccess, seen, from)
	putCount(set, facts.FrameChildren, content, "length", from)
	if seen != "same-origin" {
		return
	}
	performance, _ := at(content, "performance")
	entries, _ := Call(performance, "getEntriesByType", "navigation")
	for _, navigation := range items(entries) {
		putCount(set, facts.FrameStatus, navigation, "responseStatus", from)
		set.PutBool(facts.FrameFromWorker, b.fromWorker(content, navigation), from)
	}
}

// fromWorker reports whether a service worker answered for the document. Of a
// navigation Firefox does not say when the worker started, nor by what protocol
// the answer came.
func (b *browser) fromWorker(content, navigation safejs.Value) bool {
	if started, _ := number(navigation, "workerStart"); started > 0 {
		return true
	}
	_, controlled := at(content, "navigator", "serviceWorker", "controller")
	protocol, known := text(navigation, "nextHopProtocol")
	return b.engine() == "firefox" && controlled && known && protocol == ""
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
	if _, ok := at(b.frameNotes); !ok {
		unknown(set, facts.ReasonNotConfigured, from, frameEvents...)
		return
	}
	putCount(set, facts.FrameLoads, b.frameNotes, "loads", from)
	putCount(set, facts.FrameMessages, b.frameNotes, "messages", from)
	putCount(set, facts.FrameCount, b.frameNotes, "most", from)
	putCount(set, facts.FrameLived, b.frameNotes, "lived", from)
	set.PutBool(facts.FrameFocused, is(b.frameNotes, "focused"), from)
	set.PutBool(facts.FrameNullOrigin, is(b.frameNotes, "nullOrigin"), from)
	set.PutBool(facts.FrameRemoved, !is(b.frame, "isConnected"), from)
	set.PutBool(facts.ChallengeTimedOut, b.timedOut(), from)
}

// slowOpening is how long an issuer may take to open its page, in milliseconds.
const slowOpening = 15_000

// timedOut reports whether the challenge's time ran out. It begins when the page
// sends the frame to the issuer, which nobody sees: with the frame itself where
// that was opened soon or, for a frame that waited in the page for its
// challenge, with its first document.
func (b *browser) timedOut() bool {
	runs, _ := number(b.frameNotes, "lived")
	if opened, ok := number(b.frameNotes, "opened"); ok && runs-opened > slowOpening {
		runs = opened
	}
	return !b.ended && b.acsURL != "" && runs >= b.timeLimit
}
