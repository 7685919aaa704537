//go:build js && wasm

package observe

import (
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

var fileFacts = []facts.Declared{facts.ChunkMissing, facts.Integrity}

func filesObserver() observer {
	return observer{
		name:  "files",
		limit: 8 * time.Second,
		keys:  fileFacts,
		run:   observeFiles,
	}
}

// mostAsked bounds how many files are asked for again, of each kind.
const mostAsked = 6

// observeFiles looks at the scripts and style sheets of the page's own origin
// that it has loaded or tried to.
func observeFiles(ctx context.Context, b *browser, set *facts.Set) {
	const from = "files"
	if b.elsewhere() {
		unknown(set, facts.ReasonOtherOrigin, from, fileFacts...)
		return
	}
	b.beside(
		func() { b.observeIntegrity(ctx, set, from) },
		func() { b.observeChunks(ctx, set, from) },
	)
}

func (b *browser) observeChunks(ctx context.Context, set *facts.Set, from string) {
	if missing, why := b.chunkMissing(ctx); why == "" {
		set.PutBool(facts.ChunkMissing, missing, from)
	} else {
		unknown(set, why, from, facts.ChunkMissing)
	}
}

// chunkMissing tells whether the page's last try to load one of its chunks found
// that it is not there any more, or a page: servers of single-page applications
// answer with that to whatever they do not know. What the browser does not tell
// of is asked for again, the newest first.
func (b *browser) chunkMissing(ctx context.Context) (missing bool, why facts.Reason) {
	chunks, err := b.chunks()
	if err != nil {
		return false, facts.ReasonUnsupported
	}
	var untold []string
	for _, c := range chunks {
		status, _ := number(c.entry, "responseStatus")
		media, told := text(c.entry, "contentType")
		if noChunk(status, media) {
			return true, ""
		}
		if !told {
			untold = append(untold, c.url)
		}
	}
	for _, url := range slices.Backward(untold[max(0, len(untold)-mostAsked):]) {
		response, err := b.fetch(ctx, url, "cache", "force-cache", "mode", "same-origin")
		status, _ := number(response, "status")
		switch {
		case err != nil:
			why = facts.ReasonNotKnown
		case noChunk(status, header(response, "Content-Type")):
			return true, ""
		}
	}
	return false, why
}

// chunk is a script or style sheet, and what the browser tells of how it was
// loaded: nothing, where all that is known is an element.
type chunk struct {
	url   string
	entry safejs.Value
}

// chunks returns the scripts and style sheets that the page loaded from its own
// origin, each as it was tried last. The browser tells of no more than some
// hundreds: where the recorder noted a failure, the page's elements tell of
// others.
func (b *browser) chunks() ([]chunk, error) {
	performance, _ := at(b.window, "performance")
	entries, err := Call(performance, "getEntriesByType", "resource")
	if err != nil {
		return nil, err
	}
	var chunks []chunk
	for _, entry := range items(entries) {
		if url := textOr(entry, "", "name"); b.ownChunk(url) && isChunk(url, textOr(entry, "", "initiatorType")) {
			chunks = append(without(chunks, url), chunk{url, entry})
		}
	}
	if !b.chunkFailed() {
		return chunks, nil
	}
	for url := range b.addresses("script[src],link[rel=stylesheet][href],link[rel=modulepreload][href]") {
		if b.ownChunk(url) && len(without(chunks, url)) == len(chunks) {
			chunks = append(chunks, chunk{url, safejs.Undefined()})
		}
	}
	return chunks, nil
}

func without(chunks []chunk, url string) (others []chunk) {
	for _, c := range chunks {
		if c.url != url {
			others = append(others, c)
		}
	}
	return others
}

// ownChunk reports whether the URL is of the page's own origin, and none of ours.
func (b *browser) ownChunk(url string) bool {
	here, _ := text(b.window, "location", "origin")
	return strings.HasPrefix(url, here+"/") && (b.assets == "" || !strings.HasPrefix(url, b.assets))
}

// chunkFailed reports whether the recorder saw one of the page's own fail.
func (b *browser) chunkFailed() bool {
	here, _ := text(b.window, "location", "origin")
	for _, n := range b.notes {
		if textOr(n, "", "kind") == "chunk" && textOr(n, "", "origin") == here {
			return true
		}
	}
	return false
}

// addresses yields what the elements that the selector picks are loaded from.
func (b *browser) addresses(selector string) iter.Seq2[string, safejs.Value] {
	return func(yield func(string, safejs.Value) bool) {
		picked, err := Call(b.document, "querySelectorAll", selector)
		if err != nil {
			return
		}
		for _, element := range items(picked) {
			if !yield(textOr(element, textOr(element, "", "href"), "src"), element) {
				return
			}
		}
	}
}

// noChunk reports whether the answer says that there is no such script or style
// sheet. Other errors pass, their pages included.
func noChunk(status float64, mediaType string) bool {
	return status == 404 || status == 410 || status < 400 && strings.HasPrefix(mediaType, "text/html")
}

// isChunk reports whether what was loaded is a script or a style sheet that the
// page uses, and has not merely fetched.
func isChunk(url, initiator string) bool {
	path, _, _ := strings.Cut(url, "?")
	path, _, _ = strings.Cut(path, "#")
	switch initiator {
	case "script":
		return true
	case "link", "css", "other":
		return strings.HasSuffix(path, ".js") || strings.HasSuffix(path, ".mjs") || strings.HasSuffix(path, ".css")
	}
	return false
}

// observeIntegrity loads the page's own files that it demands by hash once more,
// and lets the browser compare. A copy that is wrong in the cache alone is what
// the user can do something about, and goes before others.
func (b *browser) observeIntegrity(ctx context.Context, set *facts.Set, from string) {
	said := make(map[string]bool)
	for url, element := range b.addresses("script[src][integrity],link[href][integrity]") {
		if hash, _ := attribute(element, "integrity"); len(b.ownFiles([]string{url})) == 1 && len(said) < mostAsked {
			said[b.verify(ctx, url, hash)] = true
		}
	}
	for _, word := range []string{"cached", "server", "passed"} {
		if said[word] {
			set.PutString(facts.Integrity, word, from)
			return
		}
	}
	if len(said) > 0 {
		unknown(set, facts.ReasonUnreachable, from, facts.Integrity)
	} else {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.Integrity)
	}
}

// verify tells whether the browser's copy of the file has the hash, or whose copy
// has it not; "" where there is no copy. All that a controlled page gets is its
// worker's.
func (b *browser) verify(ctx context.Context, url, hash string) string {
	passes := func(mode, hash string) bool {
		response, err := b.fetch(ctx, url, "cache", mode, "mode", "same-origin", "integrity", hash)
		return err == nil && is(response, "ok")
	}
	switch {
	case passes("default", hash):
		return "passed"
	case !passes("default", "") || !passes("no-store", ""):
		return ""
	case passes("no-store", hash) || b.controlled() && b.workerDiffers(ctx, url):
		return "cached"
	}
	return "server"
}

// workerDiffers reports whether the worker has other bytes for the file than the
// server.
func (b *browser) workerDiffers(ctx context.Context, url string) bool {
	_, differ := differing(b.digests(ctx, []string{url}, "no-store"), b.digestsFromServer(ctx, []string{url}))
	return differ
}
