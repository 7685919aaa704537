//go:build js && wasm

package observe

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/facts"
)

var cacheFacts = []facts.Declared{facts.WorkerStale, facts.ScriptStale, facts.AssetsChecked}

func cacheObserver() observer {
	return observer{
		name:  "cache",
		limit: 6 * time.Second,
		keys:  append([]facts.Declared{facts.WorkerControls}, cacheFacts...),
		run:   observeCache,
	}
}

// observeCache compares the files that the host page names, as this page gets
// them, with what the server has. A controlled page gets its worker's answer
// whatever it asks for; a frame of an opaque origin has no worker and no cache
// of ours, and sees the server.
func observeCache(ctx context.Context, b *browser, set *facts.Set) {
	const from = "cache"
	if b.Mode == "link" {
		unknown(set, facts.ReasonOtherOrigin, from, append(cacheFacts, facts.WorkerControls)...)
		return
	}
	_, controlled := at(b.window, "navigator", "serviceWorker", "controller")
	set.PutBool(facts.WorkerControls, controlled, from)
	if b.pageAssets = b.ownFiles(b.pageAssets); len(b.pageAssets) == 0 {
		unknown(set, facts.ReasonNotConfigured, from, cacheFacts...)
		return
	}
	if _, ok := at(b.window, "crypto", "subtle"); !ok {
		unknown(set, facts.ReasonUnsupported, from, cacheFacts...)
		return
	}
	if controlled {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.ScriptStale)
		b.compare(ctx, set, facts.WorkerStale, "no-store", b.digestsFromServer)
		return
	}
	notApplicable(set, facts.ReasonNotConfigured, from, facts.WorkerStale)
	b.compare(ctx, set, facts.ScriptStale, "force-cache", func(ctx context.Context) (map[string]string, error) {
		return b.digests(ctx, "no-store"), nil
	})
}

// ownFiles returns the URLs of this page's own origin, the only ones that it may
// read whatever their server says.
func (b *browser) ownFiles(urls []string) []string {
	here, _ := text(b.window, "location", "origin")
	var own []string
	for _, url := range urls {
		if o := origin(url); o != "" && o == here {
			own = append(own, url)
		}
	}
	return own
}

// compare puts whether any file, fetched in the cache mode, differs from the
// server's.
func (b *browser) compare(ctx context.Context, set *facts.Set, stale facts.BoolKey, mode string,
	server func(context.Context) (map[string]string, error)) {
	const from = "cache"
	here := b.digests(ctx, mode)
	there, err := server(ctx)
	if err != nil {
		unknown(set, facts.ReasonUnreachable, from, stale, facts.AssetsChecked)
		return
	}
	checked, differ := differing(here, there)
	if differ {
		// A file that is made anew for each request differs from itself.
		if again, err := server(ctx); err == nil {
			for url := range there {
				if again[url] != there[url] {
					delete(there, url)
				}
			}
			checked, differ = differing(here, there)
		}
	}
	set.PutInt(facts.AssetsChecked, int64(checked), from)
	if checked == 0 {
		unknown(set, facts.ReasonUnreachable, from, stale)
		return
	}
	set.PutBool(stale, differ, from)
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
func (b *browser) digests(ctx context.Context, mode string) map[string]string {
	out := make(map[string]string)
	for _, url := range b.pageAssets {
		if digest, err := b.digest(ctx, url, mode); err == nil {
			out[url] = digest
		}
	}
	return out
}

// digest returns the SHA-256 of the file's bytes as the browser gets them.
func (b *browser) digest(ctx context.Context, url, mode string) (string, error) {
	response, err := b.fetch(ctx, url, map[string]any{"cache": mode, "mode": "same-origin"})
	if err != nil {
		return "", err
	}
	if !is(response, "ok") {
		return "", errors.New("the file was not found")
	}
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

// digestsFromServer lets a sandboxed frame, which no worker controls, fetch the
// same files. Its script is a file of ours, since the page's policy holds in
// it too; the names go by attribute.
func (b *browser) digestsFromServer(ctx context.Context) (map[string]string, error) {
	nonce := RandomID()
	script := b.assets + "fresh.js"
	data, err := b.frameMessage(ctx, map[string]string{
		"sandbox": "allow-scripts",
		"srcdoc": `<script src="` + script + `" data-nonce="` + nonce +
			`" data-urls="` + escapeAttribute(strings.Join(b.pageAssets, " ")) + `"></script>`,
	}, "checkout-doctor:fresh", nonce)
	if err != nil {
		return nil, err
	}
	digests, _ := at(data, "digests")
	out := make(map[string]string)
	for _, url := range b.pageAssets {
		if digest, ok := text(digests, url); ok {
			out[url] = digest
		}
	}
	if len(out) == 0 {
		return nil, errors.New("the frame could not fetch any file")
	}
	return out, nil
}

// escapeAttribute makes s safe between double quotes in HTML.
func escapeAttribute(s string) string {
	s = strings.ReplaceAll(s, "&", "&amp;")
	s = strings.ReplaceAll(s, `"`, "&quot;")
	return strings.ReplaceAll(s, "<", "&lt;")
}
