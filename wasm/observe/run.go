//go:build js && wasm

package observe

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

// Progress is told after each observer that ended.
type Progress func(observer string, done, total int)

// observer establishes some facts.
type observer struct {
	name  string
	limit time.Duration
	keys  []facts.Declared // every key it answers for
	run   func(context.Context, *browser, *facts.Set)
}

// observers lists all of them. They do not wait for one another.
func observers() []observer {
	return []observer{
		environmentObserver(),
		popupObserver(),
		cookieObserver(),
		storageObserver(),
		helperObserver(),
		buildObserver(),
		cacheObserver(),
		filesObserver(),
		networkObserver(),
		vantageObserver(),
		transferObserver(),
		pageObserver(),
		frameObserver(),
		notificationObserver(),
		acsObserver(),
		decoyObserver(),
		baitObserver(),
		antiFraudObserver(),
		canaryObserver(),
	}
}

// browser is what observers look at and through.
type browser struct {
	*Handover
	*callbacks
	window, document safejs.Value
	refused          *refusals
	asked            sync.Once // guards answer
	answer           controlAnswer
	lost             atomic.Int32 // requests of ours that failed, and did not when they were made again
	noText           bool         // the page lets no frame run our script whose document is a text
}

// Run runs the observers side by side and returns what they established, with
// the milliseconds that each took. It ends within the longest limit, or with
// ctx, whose end leaves the facts of unfinished observers unknown.
func Run(ctx context.Context, h *Handover, progress Progress) (*facts.Set, map[string]int64, error) {
	b, closeBrowser, err := open(h)
	if err != nil {
		return nil, nil, err
	}
	defer closeBrowser()

	started := time.Now()
	selected, set := choose(observers(), h.Only)
	results := make(chan result, len(selected))
	for _, o := range selected {
		go func() { results <- b.observe(ctx, o) }()
		b.breathe(ctx)
	}
	timing := make(map[string]int64, len(selected)+1)
	for n := range len(selected) {
		r := <-results
		set.Merge(r.set)
		timing[r.name] = r.took.Milliseconds()
		progress(r.name, n+1, len(selected))
	}
	b.countAgain(set)
	timing["total"] = time.Since(started).Milliseconds()
	return set, timing, nil
}

// breathe lets what was begun go on until it waits, and then the page have its
// turn, so that no task of ours is as long as all that the observers begin with.
func (b *browser) breathe(ctx context.Context) {
	turn, err := Call(b.measure, "breathe")
	if err != nil {
		return // nobody waits for a turn where there is none
	}
	_, _ = b.await(ctx, turn)
}

// countAgain adds what was lost while the other observers went on.
func (b *browser) countAgain(set *facts.Set) {
	if _, counted := set.Int(facts.OfflineEvents); counted {
		b.countOffline(set)
	}
	watched, _ := Call(b.measure, "lostOnLine")
	if n, counted := set.Int(facts.RequestsLost); counted {
		seen, _ := number(watched)
		set.PutInt(facts.RequestsLost, n+int64(seen)+int64(b.lost.Load()), "transfer")
	}
}

// open reaches for the page.
func open(h *Handover) (b *browser, closeBrowser func(), err error) {
	c, err := sharedCallbacks()
	if err != nil {
		return nil, nil, err
	}
	b = &browser{Handover: h, callbacks: c, window: safejs.Global()}
	document, ok := at(b.window, "document")
	if !ok {
		return nil, nil, errors.New("there is no document")
	}
	b.document = document
	return b, b.watchRefusals(), nil
}

// choose picks the observers by name and says of the others' keys that nobody
// asked.
func choose(all []observer, only []string) (selected []observer, set *facts.Set) {
	set = &facts.Set{}
	for _, o := range all {
		if len(only) == 0 || slices.Contains(only, o.name) {
			selected = append(selected, o)
			continue
		}
		unknown(set, facts.ReasonNotAsked, o.name, o.keys...)
	}
	return selected, set
}

// result is what one observer established.
type result struct {
	name string
	set  *facts.Set
	took time.Duration
}

// observe runs one observer within its limit.
func (b *browser) observe(ctx context.Context, o observer) result {
	started := time.Now()
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	set := &facts.Set{}
	done := b.apart(func() { o.run(ctx, b, set) })
	why := facts.ReasonNotObserved
	select {
	case ended := <-done:
		if !ended {
			why = facts.ReasonCrashed
		}
	case <-ctx.Done():
		why = afterLimit(ctx, done)
	}
	fill(set, o, why)
	return result{name: o.name, set: set, took: time.Since(started)}
}

// apart runs f beside its caller, and tells when it is over and whether f came to
// its end. A panic that nobody recovers would end the module.
func (b *browser) apart(f func()) (over <-chan bool) {
	done := make(chan bool, 1)
	go func() {
		ended := false
		defer func() {
			_ = recover()
			done <- ended
		}()
		f()
		ended = true
	}()
	return done
}

// beside runs the functions side by side until all are over. It panics if one of
// them did.
func (b *browser) beside(fns ...func()) {
	var running []<-chan bool
	for _, f := range fns {
		running = append(running, b.apart(f))
	}
	ended := true
	for _, over := range running {
		ended = <-over && ended
	}
	if !ended {
		panic("a part of it panicked")
	}
}

// grace is how long an observer may take to note what it knows after its time
// is up.
const grace = 200 * time.Millisecond

// afterLimit lets the observer finish its notes, and says why the rest is
// unknown.
func afterLimit(ctx context.Context, done <-chan bool) facts.Reason {
	select {
	case ended := <-done:
		if !ended {
			return facts.ReasonCrashed
		}
	case <-context.After(grace):
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return facts.ReasonCancelled
	}
	return facts.ReasonTimedOut
}

// fill makes every key that the observer left out unknown.
func fill(set *facts.Set, o observer, why facts.Reason) {
	for _, k := range o.keys {
		if !set.Touched(k) {
			set.PutUnknown(k, why, o.name)
		}
	}
}

// unknown says of all keys why they are unknown.
func unknown(set *facts.Set, why facts.Reason, from string, keys ...facts.Declared) {
	for _, k := range keys {
		set.PutUnknown(k, why, from)
	}
}

// notApplicable says of all keys why they do not apply.
func notApplicable(set *facts.Set, why facts.Reason, from string, keys ...facts.Declared) {
	for _, k := range keys {
		set.PutNotApplicable(k, why, from)
	}
}
