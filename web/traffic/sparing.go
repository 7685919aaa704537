package traffic

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// How many lines a Sparing writes, and in which time.
const (
	mostLines = 10
	linesTime = time.Second
)

// Sparing is a slog.Handler that writes ten lines a second at most and then one
// that says how many more there were, so that nobody can fill a disk with what is
// logged of strangers. It keeps a number and no lines.
type Sparing struct {
	next  slog.Handler
	lines *lines // of all handlers that were made of one
}

// lines are those of one second.
type lines struct {
	mu      sync.Mutex
	plain   slog.Handler // writes how many were left out
	began   time.Time
	written int
	left    int // out, since that was last said
}

// NewSparing returns a handler that writes by next.
func NewSparing(next slog.Handler) *Sparing {
	return &Sparing{next: next, lines: &lines{plain: next}}
}

// Enabled implements slog.Handler.
func (s *Sparing) Enabled(ctx context.Context, level slog.Level) bool {
	return s.next.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (s *Sparing) Handle(ctx context.Context, r slog.Record) error {
	if !s.lines.take(time.Now()) {
		return nil
	}
	return s.next.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (s *Sparing) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &Sparing{next: s.next.WithAttrs(attrs), lines: s.lines}
}

// WithGroup implements slog.Handler.
func (s *Sparing) WithGroup(name string) slog.Handler {
	return &Sparing{next: s.next.WithGroup(name), lines: s.lines}
}

// Flush says what was left out so far, without waiting for its second to end.
func (s *Sparing) Flush() { s.lines.tell() }

// take tells whether one more line may be written.
func (l *lines) take(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.began) >= linesTime {
		l.began, l.written = now, 0
	}
	if l.written < mostLines {
		l.written++
		return true
	}
	if l.left++; l.left == 1 {
		time.AfterFunc(l.began.Add(linesTime).Sub(now), l.tell)
	}
	return false
}

// tell says how many lines were left out, if any were.
func (l *lines) tell() {
	l.mu.Lock()
	left := l.left
	l.left = 0
	l.mu.Unlock()
	if left == 0 {
		return
	}
	// What a log cannot be written to is nothing that could be logged.
	_ = l.plain.Handle(context.Background(), slog.NewRecord(time.Now(), slog.LevelWarn, fmt.Sprintf("… and %d more", left), 0))
}
