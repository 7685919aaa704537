package acs

import (
	"fmt"
	"sync"
	"time"
)

// phase says how far a challenge is.
type phase int

const (
	awaitingCReq phase = iota
	interacting
	ended
)

// transaction is one challenge.
type transaction struct {
	areq     AReq
	acsID    string
	dsID     string
	decision Decision
	forgetAt time.Time // guarded by transactions.mu

	mu           sync.Mutex // guards what follows, and is held while the result is sent
	timeLimit    *time.Timer
	deadline     time.Time // before which the timer must not end the challenge
	phase        phase
	creq         CReq
	sessionData  string
	interactions int
	cres         CRes
	timedOut     bool
}

// transactions holds the challenges that are open, or ended lately.
type transactions struct {
	mu      sync.Mutex
	byID    map[string]*transaction
	pruneAt int // how many there may be before the old are looked for
}

// maxTransactions bounds the memory that strangers can take.
const maxTransactions = 10_000

func (s *transactions) add(t *transaction, until time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.byID) >= s.pruneAt {
		s.prune(time.Now())
	}
	if len(s.byID) >= maxTransactions {
		return fmt.Errorf("more than %d transactions", maxTransactions)
	}
	if s.byID == nil {
		s.byID = make(map[string]*transaction)
	}
	t.forgetAt = until
	s.byID[t.acsID] = t
	return nil
}

// prune forgets what is over, and decides when to look again: not at every
// transaction, which would take longer the more there are.
func (s *transactions) prune(now time.Time) {
	for id, t := range s.byID {
		if now.After(t.forgetAt) {
			delete(s.byID, id)
		}
	}
	s.pruneAt = min(max(128, 2*len(s.byID)), maxTransactions)
}

// find returns the transaction with the acsTransID, or nil.
func (s *transactions) find(acsID string) *transaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byID[acsID]
}

// keep lets the transaction be known for the span from now on.
func (s *transactions) keep(t *transaction, span time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.forgetAt = time.Now().Add(span)
}

func (s *transactions) stopTimers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.byID {
		t.timeLimit.Stop()
	}
}
