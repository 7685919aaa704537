package fault

import (
	"context"
	"io"
	"sync"
	"time"
)

// Line is the network between the browser and every host. The zero Line is as
// fast as the machine.
type Line struct {
	// Latency is what each byte takes, each way. A new connection costs a turn
	// of its own.
	Latency time.Duration
	// Bandwidth is how many bytes a second pass each way, of all connections
	// together; 0 means no limit.
	Bandwidth int64
}

// link is one direction of a line, which all connections share: what one sends,
// the others wait for.
type link struct {
	mu   sync.Mutex
	line Line
	free time.Time // when all that was handed over has been sent
}

// set changes the line. What is on its way comes as it would have.
func (l *link) set(line Line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line, l.free = line, time.Time{}
}

// hand hands n bytes over. It returns when they have been sent and when they
// come out at the other end.
func (l *link) hand(n int) (sent, out time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); l.free.Before(now) {
		l.free = now
	}
	if l.line.Bandwidth > 0 {
		l.free = l.free.Add(time.Duration(n) * time.Second / time.Duration(l.line.Bandwidth))
	}
	return l.free, l.free.Add(l.line.Latency)
}

// The pieces in which a link passes bytes on: small packets, as slow lines have
// them, so that connections take turns often, or more where they need not wait
// for one another.
const (
	packetSize  = 512 // bytes
	pieceSize   = 16 << 10
	piecesAhead = 64 // of one connection, at most, that are on their way
)

func (l *link) pieceSize() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.line.Bandwidth > 0 {
		return packetSize
	}
	return pieceSize
}

// piece is a part of a stream on its way.
type piece struct {
	data []byte
	out  time.Time // when it comes out
}

// copy passes on what comes from one side until it ends, the other side does
// not take it, which is an error, or ctx is done. Who reads is one of readers,
// and ends with from at the latest.
func (l *link) copy(ctx context.Context, to io.Writer, from io.Reader, readers *sync.WaitGroup) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pieces := make(chan piece, piecesAhead)
	readers.Go(func() {
		defer close(pieces)
		l.send(ctx, pieces, from)
	})
	for p := range pieces {
		if !waitUntil(ctx, p.out) {
			return ctx.Err()
		}
		if _, err := to.Write(p.data); err != nil {
			return err
		}
	}
	return nil
}

// send reads pieces and puts them on their way, one after the other.
func (l *link) send(ctx context.Context, pieces chan<- piece, from io.Reader) {
	for {
		data := make([]byte, l.pieceSize())
		n, err := from.Read(data)
		if n > 0 {
			sent, out := l.hand(n)
			select {
			case pieces <- piece{data[:n], out}:
			case <-ctx.Done():
				return
			}
			if !waitUntil(ctx, sent) {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// waitUntil reports whether ctx is still alive then.
func waitUntil(ctx context.Context, at time.Time) bool {
	wait := time.Until(at)
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
