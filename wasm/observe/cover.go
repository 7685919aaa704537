//go:build js && wasm

package observe

import (
	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/facts"
)

// observeCover tells whether the user can reach the frame with a pointer.
func (b *browser) observeCover(set *facts.Set, from string) {
	set.PutBool(facts.FrameCovered, b.covered(b.frame), from)
	dialog, err := Call(b.document, "querySelector", modal)
	if err != nil { // the browser does not know the pseudo-class
		unknown(set, facts.ReasonUnsupported, from, facts.FrameBehindDialog)
		return
	}
	_, open := at(dialog)
	set.PutBool(facts.FrameBehindDialog, open && !within(b.frame, func(e safejs.Value) bool { return matches(e, modal) }), from)
}

// modal picks the dialogs that make all else in the page inert.
const modal = "dialog:modal"

// own picks our element, which covers nothing that matters.
const own = "checkout-doctor"

// covered reports whether something lies over the frame at each of some points
// of its part in the viewport. A frame of which nothing is in the viewport is
// not covered: the user can scroll to it.
func (b *browser) covered(frame safejs.Value) bool {
	x, width := b.visiblePart(frame, "left", "right", "innerWidth")
	y, height := b.visiblePart(frame, "top", "bottom", "innerHeight")
	if width <= 0 || height <= 0 {
		return false
	}
	root, err := Call(frame, "getRootNode")
	if err != nil {
		return false
	}
	for _, point := range [][2]float64{{.5, .5}, {.25, .25}, {.75, .25}, {.25, .75}, {.75, .75}} {
		stack, err := Call(root, "elementsFromPoint", x+point[0]*width, y+point[1]*height)
		if err != nil || !isOver(topmost(stack), frame) {
			return false
		}
	}
	return true
}

// visiblePart returns where the frame's part in the viewport begins along one
// axis, and how long it is.
func (b *browser) visiblePart(frame safejs.Value, near, far, size string) (start, length float64) {
	rect, err := Call(frame, "getBoundingClientRect")
	if err != nil {
		return 0, 0
	}
	start, _ = number(rect, near)
	end, _ := number(rect, far)
	viewport, _ := number(b.window, size)
	start = max(start, 0)
	return start, min(end, viewport) - start
}

// topmost returns the first element that is not ours.
func topmost(stack safejs.Value) safejs.Value {
	for _, e := range items(stack) {
		if !matches(e, own) {
			return e
		}
	}
	return safejs.Undefined()
}

// isOver reports whether e is neither the frame nor something that the frame is
// in: those show where the frame itself takes no pointer.
func isOver(e, frame safejs.Value) bool {
	_, there := at(e)
	return there && !within(frame, e.Equal)
}

// within reports whether the element, or one that it is in, is what is looked
// for.
func within(element safejs.Value, is func(safejs.Value) bool) bool {
	for node, ok := element, true; ok; node, ok = parentOf(node) {
		if is(node) {
			return true
		}
	}
	return false
}

func matches(element safejs.Value, selector string) bool {
	yes, err := Call(element, "matches", selector)
	return err == nil && is(yes)
}
