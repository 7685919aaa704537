//go:build js && wasm

package observe

import (
	"maps"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

var cacheFacts = []facts.Declared{facts.WorkerStale, facts.ScriptStale, facts.AssetsChecked, facts.StorageStale}

func cacheObserver() observer {
	return observer{
		name:  "cache",
		limit: 6 * time.Second,
		keys:  append([]facts.Declared{facts.WorkerControls}, cacheFacts...),
		run:   observeCache,
	}
}

// observeCache compares the files that the host page names, as this page gets
// them and as Cache Storage has them, with what the server has. A controlled page
// gets its worker's answer whatever it asks for; a frame of an opaque origin has
// no worker and no cache of ours, and sees the server.
func observeCache(ctx context.Context, b *browser, set *facts.Set) {
	const from = "cache"
	if b.elsewhere() {
		unknown(set, facts.ReasonOtherOrigin, from, append(cacheFacts, facts.WorkerControls)...)
		return
	}
	controlled := b.controlled()
	set.PutBool(facts.WorkerControls, controlled, from)
	files := b.ownFiles(b.pageAssets)
	if len(files) == 0 {
		unknown(set, facts.ReasonNotConfigured, from, cacheFacts...)
		return
	}
	if _, ok := at(b.window, "crypto", "subtle"); !ok {
		unknown(set, facts.ReasonUnsupported, from, cacheFacts...)
		return
	}
	stored, unreadable := b.storedDigests(ctx, files)
	if controlled {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.ScriptStale)
		b.compare(set, facts.WorkerStale, facts.ReasonNotKnown, b.digests(ctx, files, "no-store"), stored, func() map[string]string {
			return b.digestsFromServer(ctx, files)
		})
	} else {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.WorkerStale)
		b.compare(set, facts.ScriptStale, facts.ReasonUnreachable, b.digests(ctx, files, "default"), stored, func() map[string]string {
			return b.digests(ctx, files, "no-store")
		})
	}
	if unreadable != nil {
		unknown(set, facts.ReasonUnsupported, from, facts.StorageStale)
	}
}

// controlled reports whether a service worker answers for the page.
func (b *browser) controlled() bool {
	_, yes := at(b.window, "navigator", "serviceWorker", "controller")
	return yes
}

// mostFiles bounds how many of the page's files are compared.
const mostFiles = 20

// ownFiles returns, of the URLs, which may be relative to this page, those of its
// own origin, the only ones that it may read whatever their server says.
func (b *browser) ownFiles(urls []string) (own []string) {
	for _, url := range urls {
		if url = ownURL(b.window, url); url != "" && len(own) < mostFiles {
			own = append(own, url)
		}
	}
	return own
}

// compare puts whether any file differs from the server's: as this page gets it,
// and as it is stored. Of a server that gave no file at all, the reason says why.
func (b *browser) compare(set *facts.Set, stale facts.BoolKey, why facts.Reason, here, stored map[string]string,
	server func() map[string]string) {
	const from = "cache"
	there := server()
	if len(there) == 0 {
		unknown(set, why, from, stale, facts.AssetsChecked, facts.StorageStale)
		return
	}
	checked, differ := differing(here, there)
	compared, outdated := differing(stored, there)
	if differ || outdated {
		// A file that is made anew for each request differs from itself.
		again := server()
		maps.DeleteFunc(there, func(url, digest string) bool { return again[url] != digest })
		checked, differ = differing(here, there)
		compared, outdated = differing(stored, there)
	}
	set.PutInt(facts.AssetsChecked, int64(checked), from)
	putCompared(set, stale, checked > 0, differ)
	putCompared(set, facts.StorageStale, compared > 0 || len(stored) == 0, outdated)
}

func putCompared(set *facts.Set, key facts.BoolKey, compared, differ bool) {
	const from = "cache"
	if !compared {
		unknown(set, facts.ReasonNotKnown, from, key)
		return
	}
	set.PutBool(key, differ, from)
}

// differing counts the files that both have and tells whether one of them
// differs.
func differing(here, there map[string]string) (checked int, differ bool) {
	for url, digest := range here {
		if other, ok := there[url]; ok {
			checked++
			differ = differ || digest != other
		}
	}
	return checked, differ
}

// digests fetches the files in the cache mode. What cannot be fetched has no
// entry.
func (b *browser) digests(ctx context.Context, files []string, mode string) map[string]string {
	out := make(map[string]string)
	for _, url := range files {
		response, err := b.fetch(ctx, url, "cache", mode, "mode", "same-origin")
		if err == nil {
			b.keep(ctx, out, url, response)
		}
	}
	return out
}

// storedDigests looks the files up in Cache Storage, as a page or a worker does
// that asks all of its caches. What is not there has no entry.
func (b *browser) storedDigests(ctx context.Context, files []string) (map[string]string, error) {
	storage, _ := at(b.window, "caches")
	out := make(map[string]string)
	for _, url := range files {
		asked, err := Call(storage, "match", url)
		if err != nil {
			return nil, err
		}
		response, err := b.await(ctx, asked)
		if err != nil {
			return nil, err
		}
		b.keep(ctx, out, url, response)
	}
	return out, nil
}

// keep notes the SHA-256 of the response's bytes, unless it has none or is of an
// error.
func (b *browser) keep(ctx context.Context, digests map[string]string, url string, response safejs.Value) {
	if !is(response, "ok") {
		return
	}
	if digest, err := b.digest(ctx, response); err == nil {
		digests[url] = digest
	}
}

func (b *browser) digest(ctx context.Context, response safejs.Value) (string, error) {
	body, err := Call(response, "arrayBuffer")
	if err != nil {
		return "", err
	}
	content, err := b.await(ctx, body)
	if err != nil {
		return "", err
	}
	subtle, _ := at(b.window, "crypto", "subtle")
	promise, err := Call(subtle, "digest", "SHA-256", content)
	if err != nil {
		return "", err
	}
	sum, err := b.await(ctx, promise)
	if err != nil {
		return "", err
	}
	return sumText(sum)
}

// sumText words the bytes of an ArrayBuffer that holds a SHA-256.
func sumText(buffer safejs.Value) (string, error) {
	constructor, _ := at(safejs.Global(), "Uint8Array")
	array, err := constructor.New(buffer)
	if err != nil {
		return "", err
	}
	sum := make([]byte, 32)
	if _, err := safejs.CopyBytesToGo(sum, array); err != nil {
		return "", err
	}
	return hexadecimal(sum), nil
}

// frameLimit is how long the frame may take whose script the page's policy may
// refuse, which nobody is told.
const frameLimit = 2 * time.Second

// digestsFromServer lets a sandboxed frame, which no worker controls, fetch the
// same files: none, where their server does not let it. Its script is a file of
// ours, since the page's policy holds in it too; the names go by attribute. A page
// with Trusted Types takes no document as a text, or changes it, and a policy of
// nonces refuses the script: then it comes from the helper, which pages frame
// anyway.
func (b *browser) digestsFromServer(ctx context.Context, files []string) map[string]string {
	nonce := RandomID()
	names := strings.Join(files, " ")
	data, err := safejs.Undefined(), errNotPlaced
	_, changed := at(b.window, "trustedTypes", "defaultPolicy")
	if b.helper == "" || !changed && !b.noText {
		limited, cancel := context.WithTimeout(ctx, frameLimit)
		defer cancel()
		data, err = b.frameMessage(limited, opaqueOrigin, "checkout-doctor:fresh", nonce, "sandbox", "allow-scripts",
			"srcdoc", `<script src="`+b.assets+`fresh.js" data-nonce="`+nonce+
				`" data-files="`+escapeAttribute(names)+`"></script>`)
		b.noText = err != nil
	}
	if err != nil && b.helper != "" {
		escaped, _ := Call(b.window, "encodeURIComponent", names)
		allowed, cancel := b.unlessRefused(ctx, b.helper)
		defer cancel()
		data, _ = b.frameMessage(allowed, opaqueOrigin, "checkout-doctor:fresh", nonce, "sandbox", "allow-scripts",
			"src", b.helper+"/helper/fresh?nonce="+nonce+"&files="+textOr(escaped, ""))
	}
	digests, _ := at(data, "digests")
	out := make(map[string]string)
	for _, url := range files {
		if digest, ok := text(digests, url); ok {
			out[url] = digest
		}
	}
	return out
}

// escapeAttribute makes s safe between double quotes in HTML.
func escapeAttribute(s string) string {
	s = strings.ReplaceAll(s, "&", "&amp;")
	s = strings.ReplaceAll(s, `"`, "&quot;")
	return strings.ReplaceAll(s, "<", "&lt;")
}
