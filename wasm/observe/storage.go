//go:build js && wasm

package observe

import (
	"context"
	"strings"
	"time"

	"checkoutdoctor/wasm/facts"
)

func storageObserver() observer {
	return observer{
		name:  "storage",
		limit: time.Second,
		keys:  []facts.Declared{facts.CookieEnabled, facts.CookieKept, facts.LocalStorage},
		run:   observeStorage,
	}
}

// observeStorage looks at the page's own origin. A setting for the whole
// browser shows on every origin, the diagnostic's included.
func observeStorage(_ context.Context, b *browser, set *facts.Set) {
	const from = "storage"
	if enabled, ok := boolean(b.window, "navigator", "cookieEnabled"); ok {
		set.PutBool(facts.CookieEnabled, enabled, from)
	}
	set.PutBool(facts.CookieKept, b.keepsCookie(), from)
	set.PutString(facts.LocalStorage, b.keepsLocalStorage(), from)
}

// keepsCookie writes a cookie, reads it back and removes it. Chromium says
// cookieEnabled with every cookie blocked; only a write tells.
func (b *browser) keepsCookie() bool {
	name := "checkout-doctor-" + RandomID()
	if err := set(b.document, "cookie", name+"=1; Path=/; SameSite=Lax; Max-Age=60"); err != nil {
		return false
	}
	jar, _ := text(b.document, "cookie")
	_ = set(b.document, "cookie", name+"=; Path=/; SameSite=Lax; Max-Age=0")
	return strings.Contains(jar, name+"=1")
}

// keepsLocalStorage writes an item, reads it back and removes it. The getter
// itself throws where storage is refused.
func (b *browser) keepsLocalStorage() string {
	const refused, lost, kept = "refused", "lost", "kept"
	storage, ok := at(b.window, "localStorage")
	if !ok {
		return refused
	}
	name := "checkout-doctor-" + RandomID()
	if _, err := storage.Call("setItem", name, "1"); err != nil {
		return refused
	}
	defer func() { _, _ = storage.Call("removeItem", name) }()
	item, err := storage.Call("getItem", name)
	if err != nil {
		return refused
	}
	if value, _ := text(item); value != "1" {
		return lost
	}
	return kept
}
