//go:build js && wasm

package observe

import (
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

const (
	// loadLimit is how long another page of this origin may take to load.
	loadLimit = 2 * time.Second
	// settling is how long after that a first mark may still go: databases and
	// caches are deleted in the background.
	settling = 250 * time.Millisecond
	// wiping is how long the other marks may take to go, once one has gone.
	wiping = time.Second
	// lookAgain is the time between two looks.
	lookAgain = 80 * time.Millisecond
)

// observeLoad loads another page of this origin, and tells which kinds of
// storage have lost their mark by that: some extensions clear a site's storage
// whenever a page of it begins to load. The frame is not rendered, runs no script
// of the page's and downloads nothing; it has the page's own storage all the same.
func (b *browser) observeLoad(ctx context.Context, set *facts.Set, kept []kind, name, from string) {
	url := b.anotherPage()
	if url == "" || len(kept) == 0 {
		unknown(set, facts.ReasonNotConfigured, from, facts.StorageLostOnLoad)
		return
	}
	frame, remove, err := b.place("iframe", "display:none", "sandbox", "allow-same-origin", "src", url)
	if err != nil {
		unknown(set, facts.ReasonNotKnown, from, facts.StorageLostOnLoad)
		return
	}
	defer remove() // and not before: what wipes from within the frame would end with it
	if !b.loads(ctx, frame) {
		unknown(set, facts.ReasonNotKnown, from, facts.StorageLostOnLoad)
		return
	}
	set.PutList(facts.StorageLostOnLoad, lost(ctx, kept, name), from)
}

// anotherPage returns the URL of something of this origin that may be loaded
// without any effect; empty where there is none.
func (b *browser) anotherPage() string {
	if b.elsewhere() {
		for _, url := range b.ownFiles([]string{b.control}) {
			return url + "?nonce=" + RandomID()
		}
		return ""
	}
	for _, url := range append([]string{b.controlURL}, b.ownFiles(b.pageAssets)...) {
		if url != "" {
			return url
		}
	}
	return ""
}

// loads waits for the frame, and reports whether a page of this origin is in it:
// policies keep many out of frames, and a file to be downloaded never comes.
func (b *browser) loads(ctx context.Context, frame safejs.Value) bool {
	ctx, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	if _, err := b.first(ctx, frame, "load", "error"); err != nil {
		return false
	}
	content, _ := at(frame, "contentWindow")
	return access(content) == "same-origin"
}

// lost returns the tokens of the kinds whose mark is gone, as soon as all are or
// their time is over. What cannot be read is not gone.
func lost(ctx context.Context, kept []kind, name string) []string {
	for started := time.Now(); ; {
		var gone []string
		for _, k := range kept {
			if holds, err := k.holds(ctx, name); err == nil && !holds {
				gone = append(gone, k.token)
			}
		}
		limit := settling
		if len(gone) > 0 {
			limit = wiping
		}
		if len(gone) == len(kept) || time.Since(started) >= limit {
			return gone
		}
		select {
		case <-context.After(lookAgain):
		case <-ctx.Done():
			return gone
		}
	}
}
