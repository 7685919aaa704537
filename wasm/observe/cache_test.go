//go:build js && wasm

package observe

import (
	"context"
	"testing"
	"time"

	"github.com/hack-pad/safejs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// frames is a page in which each frame of ours answers by message. What it does
// with a document that comes as a text is a word: takes, refuses or strips it.
func frames(t *testing.T, b *browser, text string) (asked func() []string) {
	t.Helper()
	b.window = script(t, `Object.assign(new EventTarget(), {
		encodeURIComponent, asked: [], trustedTypes: {defaultPolicy: "`+text+`" === "strips" ? {} : null},
	})`)
	page := script(t, `((window) => ({
		createElement: () => ({
			contentWindow: {},
			setAttribute(name, value) {
				if ("`+text+`" === "refuses" && name === "srcdoc") throw new TypeError("TrustedHTML");
				this[name] = value;
			},
			remove() {},
		}),
		body: {appendChild({src, srcdoc, contentWindow}) {
			window.asked.push(src ?? "srcdoc");
			if ("`+text+`" === "strips" && srcdoc) return;
			const nonce = /nonce="?([0-9a-f]+)/.exec(src ?? srcdoc)[1];
			const data = {type: "checkout-doctor:fresh", nonce, digests: {"https://pay.test/a.js": "d1"}};
			setTimeout(() => window.dispatchEvent(Object.assign(new Event("message"), {source: contentWindow, data})));
		}},
	}))`)
	document, err := page.Invoke(b.window)
	require.NoError(t, err)
	b.document = document
	return func() []string { return texts(b.window, "asked") }
}

func TestTheServersCopyIsAskedForByAFrame(t *testing.T) {
	files := []string{"https://pay.test/a.js?x=1&y=2", "https://pay.test/a.js"}
	tests := map[string]struct {
		text, helper, asked string
		digests             map[string]string
	}{
		"any page":                       {"takes", "https://h.test", "srcdoc", map[string]string{files[1]: "d1"}},
		"Trusted Types":                  {"refuses", "https://h.test", "https://h.test/helper/fresh?nonce=", map[string]string{files[1]: "d1"}},
		"Trusted Types that strip texts": {"strips", "https://h.test", "https://h.test/helper/fresh?nonce=", map[string]string{files[1]: "d1"}},
		"Trusted Types, and no helper":   {"refuses", "", "", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			asked := frames(t, b, tt.text)
			b.helper = tt.helper
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			digests, err := b.digestsFromServer(ctx, files)
			assert.Equal(t, tt.digests, digests)
			if tt.asked == "" {
				require.ErrorIs(t, err, errNotPlaced)
				assert.Empty(t, asked())
				return
			}
			require.NoError(t, err)
			require.Len(t, asked(), 1)
			assert.Contains(t, asked()[0], tt.asked)
			assert.Empty(t, b.handlers)
		})
	}
}

func TestCacheStorageThatCannotBeReadIsAnError(t *testing.T) {
	for name, tt := range map[string]struct {
		storage string
		fails   bool
	}{
		"none":              {`undefined`, true},
		"a getter's throw":  {`{get match() { throw new Error("SecurityError") }}`, true},
		"a refusal":         {`{match: async () => { throw new Error("SecurityError") }}`, true},
		"nothing stored":    {`{match: async () => undefined}`, false},
		"an error's answer": {`{match: async () => ({ok: false})}`, false},
	} {
		b := looking(t)
		b.window = script(t, `({caches: `+tt.storage+`})`)
		stored, err := b.storedDigests(t.Context(), []string{"https://pay.test/a.js"})
		assert.Equal(t, tt.fails, err != nil, name)
		assert.Empty(t, stored, name)
	}
}

func TestTheDigestOfAFile(t *testing.T) {
	b := looking(t)
	b.window = safejs.Global()
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	digest, err := b.digest(t.Context(), script(t, `new Response("")`))
	require.NoError(t, err)
	assert.Equal(t, empty, digest)
}
