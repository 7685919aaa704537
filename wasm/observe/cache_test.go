//go:build js && wasm

package observe

import (
	"testing"
	"time"

	"github.com/hack-pad/safejs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

// frames is a page in which each frame of ours answers by message. What it does
// with a document that comes as a text is a word: takes, refuses, strips or
// silences it.
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
			if (["strips", "silences"].includes("`+text+`") && srcdoc) return;
			const nonce = /nonce="?([0-9a-f]+)/.exec(src ?? srcdoc)[1];
			const data = {type: "checkout-doctor:fresh", nonce, digests: {"https://pay.test/a.js": "d1"}};
			setTimeout(() => window.dispatchEvent(Object.assign(new Event("message"), {source: contentWindow, origin: "null", data})));
		}},
	}))`)
	document, err := page.Invoke(b.window)
	require.NoError(t, err)
	b.document = document
	return func() []string { return texts(b.window, "asked") }
}

func TestTheServersCopyIsAskedForByAFrame(t *testing.T) {
	files := []string{"https://pay.test/a.js?x=1&y=2", "https://pay.test/a.js"}
	found := map[string]string{files[1]: "d1"}
	const helper = "https://h.test/helper/fresh?nonce="
	tests := map[string]struct {
		text, helper string
		asked        []string
		digests      map[string]string
	}{
		"any page":                          {"takes", "https://h.test", []string{"srcdoc"}, found},
		"Trusted Types":                     {"refuses", "https://h.test", []string{helper}, found},
		"Trusted Types that strip texts":    {"strips", "https://h.test", []string{helper}, found},
		"Trusted Types, and no helper":      {"refuses", "", nil, map[string]string{}},
		"a policy of nonces":                {"silences", "https://h.test", []string{"srcdoc", helper}, found},
		"a policy of nonces, and no helper": {"silences", "", []string{"srcdoc"}, map[string]string{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			asked := frames(t, b, tt.text)
			b.helper = tt.helper
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			assert.Equal(t, tt.digests, b.digestsFromServer(ctx, files))
			require.Len(t, asked(), len(tt.asked))
			for i, want := range tt.asked {
				assert.Contains(t, asked()[i], want)
			}
			assert.Empty(t, b.handlers)
			if tt.helper != "" {
				assert.Equal(t, tt.digests, b.digestsFromServer(ctx, files))
				assert.Len(t, asked(), len(tt.asked)+1, "what failed once is not waited for again")
			}
		})
	}
}

// TestAControlledPageWhoseFilesNobodyElseMayRead is a healthy one: its server has
// no reason to let other origins read its files.
func TestAControlledPageWhoseFilesNobodyElseMayRead(t *testing.T) {
	b := looking(t)
	frames(t, b, "silences")
	require.NoError(t, set(b.window, "navigator", script(t, `({serviceWorker: {controller: {}}})`)))
	require.NoError(t, set(b.window, "location", script(t, `({origin: "https://pay.test"})`)))
	require.NoError(t, set(b.window, "crypto", script(t, `({subtle: {}})`)))
	b.pageAssets = []string{"/a.js"}
	var set facts.Set
	observeCache(t.Context(), b, &set)
	for _, k := range []facts.Declared{facts.WorkerStale, facts.AssetsChecked} {
		assert.Equal(t, facts.Entry{Reason: facts.ReasonNotKnown, From: "cache"}, set.Entry(k), facts.Name(k))
	}
}

// What a real load would not take from the cache is no stale script.
func TestThePagesOwnCopyIsAskedForAsAPageLoadsIt(t *testing.T) {
	b := looking(t)
	asked := fileServer(t, b, `[]`, `[]`, `() => ({})`)
	require.NoError(t, set(b.window, "crypto", script(t, `({subtle: {}})`)))
	b.pageAssets = []string{"/a.js"}
	var set facts.Set
	observeCache(t.Context(), b, &set)
	assert.Equal(t, []string{"/a.js default", "/a.js no-store"}, asked())
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
