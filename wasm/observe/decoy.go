//go:build js && wasm

package observe

import (
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

func decoyObserver() observer {
	return observer{
		name:  "decoy",
		limit: 2 * time.Second,
		keys:  []facts.Declared{facts.Decoy},
		run:   observeDecoy,
	}
}

// How long the decoy is looked at, and how often: content blockers go over what
// is new in a page in steps.
const (
	decoyPatience = 600 * time.Millisecond
	decoyEvery    = 50 * time.Millisecond
)

// shown are the styles that hiding changes. Set by the element itself, they go
// before all rules of the page's, for a class of the frame's as well, and not
// before those of the user's, which content blockers add.
const shown = ";display:block;visibility:visible;opacity:1"

// observeDecoy tells whether who hid the challenge frame, or took it out, goes by
// what such a frame looks like.
func observeDecoy(ctx context.Context, b *browser, set *facts.Set) {
	const from = "decoy"
	if b.isolated != "" && b.frameWanted && !b.ended {
		unknown(set, facts.ReasonOtherOrigin, from, facts.Decoy)
		return
	}
	lost, ok := b.lostFrame()
	if !ok {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.Decoy)
		return
	}
	looks := looksOf(lost, lost.Equal(b.goneFrame))
	if len(looks) == 0 {
		unknown(set, facts.ReasonNotKnown, from, facts.Decoy) // nobody could tell it from other frames
		return
	}
	decoy, remove, err := b.placeDecoy(looks)
	if err != nil {
		unknown(set, facts.ReasonRefused, from, facts.Decoy)
		return
	}
	defer remove()
	set.PutString(facts.Decoy, b.fateOf(ctx, decoy), from)
}

// lostFrame returns the challenge frame if it went, or is hidden, before the
// challenge's end.
func (b *browser) lostFrame() (frame safejs.Value, ok bool) {
	if b.ended {
		return frame, false
	}
	if _, gone := at(b.goneFrame); gone {
		return b.goneFrame, true
	}
	_, visible := b.styleOf(b.frame)
	return b.frame, is(b.frame, "isConnected") && !visible
}

// looksOf returns the attributes by which filters pick a frame, each with its
// value, but none by which the page itself hides it, and none that would load
// something; nothing for a frame that looks like any. By the id of a frame that is
// gone the page may look for it, and would find ours: a class does instead.
func looksOf(frame safejs.Value, gone bool) (looks []string) {
	class, _ := attribute(frame, "class")
	id, _ := attribute(frame, "id")
	if class == "" && id == "" {
		return nil
	}
	for name := range strings.FieldsSeq("id class title width height") {
		if value, has := attribute(frame, name); has && !(gone && class != "" && name == "id") {
			looks = append(looks, name, value)
		}
	}
	return looks
}

// placeDecoy puts a frame of that looks into the page. To scripts of the page it
// is not an instance of HTMLIFrameElement, so that the recorder, and who else
// counts the frames that come and go, leaves it alone.
func (b *browser) placeDecoy(looks []string) (decoy safejs.Value, remove func(), err error) {
	if decoy, err = b.create("iframe", offScreen+shown, looks...); err != nil {
		return decoy, nil, err
	}
	object, _ := at(b.window, "Object")
	prototype, _ := at(b.window, "HTMLElement", "prototype")
	if _, err := Call(object, "setPrototypeOf", decoy, prototype); err != nil {
		return decoy, nil, err
	}
	remove, err = b.insert(decoy)
	return decoy, remove, err
}

// fateOf tells what becomes of the decoy.
func (b *browser) fateOf(ctx context.Context, decoy safejs.Value) string {
	for range decoyPatience / decoyEvery {
		select {
		case <-context.After(decoyEvery):
		case <-ctx.Done():
		}
		if !is(decoy, "isConnected") {
			return "removed"
		}
		if _, visible := b.styleOf(decoy); !visible {
			return "hidden"
		}
	}
	return "kept"
}
