//go:build js && wasm

package observe

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/facts"
)

// hiding is a page that does something to each frame that is put into it.
func hiding(t *testing.T, b *browser, does string) {
	t.Helper()
	b.window = script(t, `({
		Object, HTMLElement: class {},
		getComputedStyle: (e) => ({display: e.display ?? "inline", visibility: "visible", opacity: "1"}),
	})`)
	b.document = script(t, `({
		placed: [], asFrames: 0,
		createElement(tag) {
			const element = {tag, attributes: {}, getRootNode: () => ({}),
				setAttribute(name, value) { this.attributes[name] = value },
				style: {set: {}, setProperty(name, value, priority) { this.set[name] = value + " " + priority }},
				remove: () => { element.isConnected = false }};
			return element;
		},
		get body() {
			return {appendChild: (frame) => {
				this.placed.push(frame);
				this.disguised = Object.getPrototypeOf(frame) !== Object.prototype;
				frame.isConnected = true;
				(`+does+`)(frame);
			}};
		},
	})`)
}

func TestTheDecoySharesTheFateOfTheChallengeFrame(t *testing.T) {
	const frame = `{isConnected: true, display: "none", getRootNode: () => ({}),
		getAttribute: (name) => ({id: "acs", class: "wide", src: "https://acs.test/", style: "display:none", hidden: "", name: "n"})[name] ?? null}`
	known := func(word string) facts.Entry { return facts.Entry{State: facts.Known, Str: word, From: "decoy"} }
	none := facts.Entry{State: facts.NotApplicable, Reason: facts.ReasonNotConfigured, From: "decoy"}
	nothing := `() => {}`
	tests := map[string]struct {
		does, frame, gone string
		ended             bool
		want              facts.Entry
	}{
		"the page hid its own":           {nothing, frame, `null`, false, known("kept")},
		"the page took its own out":      {nothing, `null`, frame, false, known("kept")},
		"a filter hides such frames":     {`(frame) => { frame.display = "none" }`, frame, `null`, false, known("hidden")},
		"a filter does so a little late": {`(frame) => setTimeout(() => { frame.display = "none" }, 99)`, frame, `null`, false, known("hidden")},
		"a filter takes such frames out": {`(frame) => frame.remove()`, `null`, frame, false, known("removed")},
		"a challenge that ended":         {nothing, `null`, frame, true, none},
		"a frame that is shown":          {nothing, `{isConnected: true, display: "inline", getRootNode: () => ({})}`, `null`, false, none},
		"no frame":                       {nothing, `null`, `null`, false, none},
		"a frame that looks like any": {nothing, `{isConnected: true, display: "none", getRootNode: () => ({}), getAttribute: () => null}`, `null`, false,
			facts.Entry{Reason: facts.ReasonNotKnown, From: "decoy"}},
		"a page that takes none": {`() => { throw new TypeError("no") }`, frame, `null`, false,
			facts.Entry{Reason: facts.ReasonRefused, From: "decoy"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			hiding(t, b, tt.does)
			b.frame, b.goneFrame, b.ended = script(t, `(`+tt.frame+`)`), script(t, `(`+tt.gone+`)`), tt.ended
			var set facts.Set
			observeDecoy(t.Context(), b, &set)
			assert.Equal(t, tt.want, set.Entry(facts.Decoy))
			for _, placed := range items(b.document, "placed") {
				id, _ := text(placed, "attributes", "id")
				class, _ := text(placed, "attributes", "class")
				if tt.gone == `null` {
					assert.Equal(t, "acs", id)
				} else {
					assert.Empty(t, id, "the page, which looks for its frame, would find ours")
				}
				assert.Equal(t, "wide", class)
				assert.Equal(t, "block important", textOr(placed, "", "style", "set", "display"), "the page's own rules must not hide it")
				for _, name := range []string{"src", "style", "hidden", "name"} {
					_, has := at(placed, "attributes", name)
					assert.False(t, has, "%s would hide it, or load something", name)
				}
				assert.True(t, is(b.document, "disguised"), "the recorder must not count it")
			}
		})
	}
}
