// Package context is as much of the standard library's package of this name as
// the module needs. The standard one has a time in its interface, and the linker
// keeps whatever a type in an interface can do: with it all that writes times and
// looks their zones up would come into the module, 30 KB as it is served.
//
// The names mean what they mean there, and a context of the standard library is
// one of these as well.
package context

import (
	"sync"
	"time"
)

// Cause is why a context ended.
type Cause string

// The causes.
const (
	Canceled         Cause = "context canceled"
	DeadlineExceeded Cause = "context deadline exceeded"
)

func (c Cause) Error() string { return string(c) }

// Context is how long something may go on.
type Context interface {
	Done() <-chan struct{} // closed at its end
	Err() error            // why it ended; nil before
}

// CancelFunc ends a context. Whoever made the context calls it, at the latest when
// nobody waits any more; only the first call counts.
type CancelFunc func()

// Background returns a context that never ends.
func Background() Context { return &span{} }

// WithCancel returns a context that ends with its parent, or when it is cancelled.
func WithCancel(parent Context) (Context, CancelFunc) {
	s := begin(parent)
	return s, func() { s.end(Canceled) }
}

// WithTimeout returns a context that ends after the limit, if not before.
func WithTimeout(parent Context, limit time.Duration) (Context, CancelFunc) {
	s := begin(parent)
	timer := time.AfterFunc(limit, func() { s.end(DeadlineExceeded) })
	return s, func() {
		timer.Stop()
		s.end(Canceled)
	}
}

// After is time.After with a channel that is closed, and has no time in it.
func After(d time.Duration) <-chan struct{} {
	over := make(chan struct{})
	time.AfterFunc(d, func() { close(over) })
	return over
}

type span struct {
	done chan struct{}
	once sync.Once
	err  error // written before done is closed
}

// begin returns a span that ends with its parent at the latest.
func begin(parent Context) *span {
	s := &span{done: make(chan struct{})}
	go func() {
		select {
		case <-parent.Done():
			s.end(parent.Err())
		case <-s.done:
		}
	}()
	return s
}

func (s *span) end(why error) {
	s.once.Do(func() {
		s.err = why
		close(s.done)
	})
}

func (s *span) Done() <-chan struct{} { return s.done }

func (s *span) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}
