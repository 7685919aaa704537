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
// the others wait for. A nil link passes bytes on as they come.
type link struct {
	line Line

	mu   sync.Mutex
	free time.Time // when all that was handed over has been sent
}

func newLink(line Line) *link {
	if line == (Line{}) {
		return nil
	}
	return &link{line: line}
}

// arrival hands n bytes over and returns when they come out at the other end.
func (l *link) arrival(n int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); l.free.Before(now) {
		l.free = now
	}
	if l.line.Bandwidth > 0 {
		l.free = l.free.Add(time.Duration(n) * time.Second / time.Duration(l.line.Bandwidth))
	}
	return l.free.Add(l.line.Latency)
}

// The pieces in which a link passes bytes on, so that connections take turns,
// and how many pieces of one connection are on their way at most.
const (
	pieceSize   = 1400 // bytes: what a packet holds
	piecesAhead = 64
)

// piece is a part of a stream on its way.
type piece struct {
	data []byte
	at   time.Time // when it comes out
}

// copy passes on what comes from one side until it ends, the other side does
// not take it, or ctx is done.
func (l *link) copy(ctx context.Context, to io.Writer, from io.Reader) {
	if l == nil {
		io.Copy(to, from)
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	pieces := make(chan piece, piecesAhead)
	var reader sync.WaitGroup
	defer func() { cancel(); reader.Wait() }()
	reader.Go(func() {
		defer close(pieces)
		l.send(ctx, pieces, from)
	})
	for p := range pieces {
		if !waitUntil(ctx, p.at) {
			return
		}
		if _, err := to.Write(p.data); err != nil {
			return
		}
	}
}

// send reads pieces and puts them on their way.
func (l *link) send(ctx context.Context, pieces chan<- piece, from io.Reader) {
	for {
		data := make([]byte, pieceSize)
		n, err := from.Read(data)
		if n > 0 {
			select {
			case pieces <- piece{data[:n], l.arrival(n)}:
			case <-ctx.Done():
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
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
