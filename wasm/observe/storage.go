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
	if b.isOpaque() {
		unknown(set, facts.ReasonOtherOrigin, from, facts.CookieKept, facts.LocalStorage)
		return
	}
	b.observeCookie(set, from)
	set.PutString(facts.LocalStorage, b.keepsLocalStorage(), from)
}

// observeCookie tells whether this site may keep cookies. Within another site's
// page its cookies are third-party ones: their loss says nothing of its own.
func (b *browser) observeCookie(set *facts.Set, from string) {
	site := "; SameSite=Lax"
	_, foreign := b.framesAround()
	if foreign {
		site = "; SameSite=None; Secure"
	}
	kept := b.keepsCookie("; Path=/" + site)
	if foreign && !kept {
		unknown(set, facts.ReasonOtherOrigin, from, facts.CookieKept)
		return
	}
	set.PutBool(facts.CookieKept, kept, from)
}

// keepsCookie writes a cookie, reads it back and removes it. Chromium says
// cookieEnabled with every cookie blocked; only a write tells.
func (b *browser) keepsCookie(attributes string) bool {
	name := "checkout-doctor-" + RandomID()
	if err := set(b.document, "cookie", name+"=1; Max-Age=60"+attributes); err != nil {
		return false
	}
	jar, _ := text(b.document, "cookie")
	_ = set(b.document, "cookie", name+"=; Max-Age=0"+attributes)
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
	if _, err := Call(storage, "setItem", name, "1"); err != nil {
		return refused
	}
	defer func() { _, _ = Call(storage, "removeItem", name) }()
	item, err := Call(storage, "getItem", name)
	if err != nil {
		return refused
	}
	if value, _ := text(item); value != "1" {
		return lost
	}
	return kept
}
