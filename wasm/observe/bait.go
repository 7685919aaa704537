//go:build js && wasm

package observe

import (
	"context"
	"errors"
	"strings"
	"time"

	"checkoutdoctor/wasm/facts"
)

func baitObserver() observer {
	return observer{
		name:  "bait",
		limit: 5 * time.Second,
		keys:  []facts.Declared{facts.ScriptBait},
		run:   observeBait,
	}
}

// baitFile is the name of a script that issuers' pages load and that filter
// lists block wherever it is (https://github.com/easylist/easylist/issues/22807).
const baitFile = "fingerprint2.min.js"

// observeBait asks our own server for a file under that name, and for one under
// a name that nobody blocks. A challenge that reported its end had all its
// scripts.
func observeBait(ctx context.Context, b *browser, set *facts.Set) {
	const from = "bait"
	site, ok := strings.CutSuffix(b.control, "control")
	if !ok || b.Mode != "link" && (!b.frameWanted || b.ended) {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.ScriptBait)
		return
	}
	nonce := RandomID()
	err := b.sendsBack(ctx, site+baitFile, nonce, "/* "+nonce+" */")
	switch {
	case err == nil:
		set.PutString(facts.ScriptBait, "passed", from)
	case b.refuses(ctx, b.control):
		unknown(set, facts.ReasonRefused, from, facts.ScriptBait)
	case errors.Is(err, errNotServed), b.sendsBack(ctx, b.control, nonce, nonce) != nil:
		unknown(set, facts.ReasonUnreachable, from, facts.ScriptBait)
	default:
		set.PutString(facts.ScriptBait, "blocked", from)
	}
}
