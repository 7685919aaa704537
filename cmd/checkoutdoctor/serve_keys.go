package main

import (
	"log/slog"
	"sync/atomic"
	"time"

	"checkoutdoctor/web/link"
)

// linkKeeper verifies links with keys that can be read again, so that they can be
// changed without a restart.
type linkKeeper struct {
	flags   *linkKeyFlags
	current atomic.Pointer[link.Verifier]
}

// keeper returns what verifies links; nil where there are no keys.
func (k *linkKeyFlags) keeper() (*linkKeeper, error) {
	verifier, err := k.verifier()
	if err != nil || verifier == nil {
		return nil, err
	}
	l := &linkKeeper{flags: k}
	l.current.Store(verifier)
	return l, nil
}

// Verify implements web.LinkVerifier.
func (l *linkKeeper) Verify(query string, now time.Time) (link.Link, error) {
	return l.current.Load().Verify(query, now)
}

// reload reads the keys again and tells what came of it. Keys that are not good
// leave those that there are.
func (l *linkKeeper) reload(log *slog.Logger) {
	verifier, err := l.flags.verifier()
	if err != nil {
		log.Error("the keys of links stay as they were", "error", err)
		return
	}
	l.current.Store(verifier)
	log.Info("the keys of links are read again", "keys", verifier.Keys.IDs())
}
