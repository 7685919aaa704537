//go:build js && wasm

package observe

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

func baitObserver() observer {
	return observer{
		name:  "bait",
		limit: 8 * time.Second,
		keys:  []facts.Declared{facts.ScriptBait, facts.Baits},
		run:   observeBait,
	}
}

// bait is a file of our own server's under a name that filter lists block
// wherever it is; package web says which lists do.
type bait struct {
	token         string // in facts.Baits; empty for the script that issuers' pages load
	path          string
	before, after string // of the nonce in it
}

var (
	scriptBait = bait{path: "fingerprint2.min.js", before: "/* ", after: " */"}
	otherBaits = []bait{
		{token: "banner", path: "ads/banner_300x250.gif"},
		{token: "collect", path: "collect?v=1&tid=UA-1"},
	}
)

// What became of a bait. Two of the words are those of facts.ScriptBait.
const (
	blocked  = "blocked"
	replaced = "replaced"
	passed   = "passed"
	unserved = "unserved" // our server does not know it
)

// observeBait asks our own server for files under such names, and for one under
// a name that nobody blocks if any of them does not come. A challenge that
// reported its end had all its scripts.
func observeBait(ctx context.Context, b *browser, set *facts.Set) {
	const from = "bait"
	site, ok := strings.CutSuffix(b.control, "control")
	if !ok {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.ScriptBait, facts.Baits)
		return
	}
	asked := slices.Clone(otherBaits)
	if b.Mode == "link" || b.frameWanted && !b.ended {
		asked = append(asked, scriptBait)
	} else {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.ScriptBait)
	}
	said, why := b.lay(ctx, site, asked)
	if taken, ok := said[scriptBait]; why == "" && ok && taken != unserved {
		set.PutString(facts.ScriptBait, taken, from)
	} else if ok {
		unknown(set, cmp.Or(why, facts.ReasonUnreachable), from, facts.ScriptBait)
	}
	missing := make([]string, 0, len(otherBaits))
	for _, other := range otherBaits {
		switch said[other] {
		case unserved:
			why = cmp.Or(why, facts.ReasonUnreachable)
		case blocked, replaced:
			missing = append(missing, other.token)
		}
	}
	if why != "" {
		unknown(set, why, from, facts.Baits)
		return
	}
	set.PutList(facts.Baits, missing, from)
}

// lay asks for the baits side by side. It says why nothing follows from those
// that did not come: the page's policy refused them, or our server is out of
// reach.
func (b *browser) lay(ctx context.Context, site string, baits []bait) (said map[bait]string, why facts.Reason) {
	fates := make([]string, len(baits))
	var asked []func()
	for i, laid := range baits {
		asked = append(asked, func() { fates[i] = b.taken(ctx, site, laid) })
	}
	b.beside(asked...)
	said = make(map[bait]string)
	for i, fate := range fates {
		said[baits[i]] = fate
		if fate == blocked || fate == replaced {
			why = facts.ReasonUnreachable // until the control passes
		}
	}
	if why == "" {
		return said, ""
	}
	nonce := RandomID()
	switch {
	case b.refuses(ctx, b.control):
		return said, facts.ReasonRefused
	case b.sendsBack(ctx, b.control, nonce, nonce) != nil:
		return said, facts.ReasonUnreachable
	}
	return said, ""
}

// taken tells what became of the bait. Somebody who answers in our server's place
// may do so without letting the page read it: our server would.
func (b *browser) taken(ctx context.Context, site string, laid bait) string {
	nonce := RandomID()
	err := b.sendsBack(ctx, site+laid.path, nonce, laid.before+nonce+laid.after)
	switch {
	case err == nil:
		return passed
	case errors.Is(err, errNotServed):
		return unserved
	case errors.Is(err, errOtherAnswer):
		return replaced
	}
	if _, err := b.fetch(ctx, site+laid.path, "mode", "no-cors", "cache", "no-store", "credentials", "omit"); err == nil {
		return replaced
	}
	return blocked
}
