package tunnel

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"
)

// largestPassed is the largest packet that a black hole lets pass, in bytes: as
// it is on the way, so encrypted where the link encrypts. It is less than any
// link's full size, and more than a server needs to greet in TLS.
const largestPassed = 1200

// path is one direction of a link. It keeps the order of packets.
type path struct {
	delay      time.Duration
	swallowing atomic.Bool

	queue  chan delayed // of what is on its way; nil where there is no delay
	closed chan struct{}
	moving sync.WaitGroup
	close  func()
}

// delayed is a packet on its way.
type delayed struct {
	packet  []byte
	at      time.Time // when it arrives
	deliver func(packet []byte)
}

// newPath returns a path that takes its time, until it is closed.
func newPath(delay time.Duration) *path {
	const most = 4096 // packets, which is some 5 MB
	p := &path{delay: delay, closed: make(chan struct{})}
	if delay > 0 {
		p.queue = make(chan delayed, most)
		p.moving.Go(p.move)
	}
	p.close = sync.OnceFunc(func() {
		close(p.closed)
		p.moving.Wait()
	})
	return p
}

// swallow makes the path lose large packets, or no more.
func (p *path) swallow(on bool) { p.swallowing.Store(on) }

// send lets the packet be delivered, or be lost. The packet is the caller's again
// when send returns; deliver must not keep it either.
func (p *path) send(packet []byte, deliver func(packet []byte)) {
	if p.swallowing.Load() && len(packet) > largestPassed {
		return
	}
	if p.queue == nil {
		deliver(packet)
		return
	}
	select {
	case p.queue <- delayed{bytes.Clone(packet), time.Now().Add(p.delay), deliver}:
	default: // a router whose queue is full loses packets too
	}
}

// move delivers what is on its way, each when its time has come.
func (p *path) move() {
	for {
		select {
		case <-p.closed:
			return
		case d := <-p.queue:
			select {
			case <-p.closed:
				return
			case <-time.After(time.Until(d.at)):
				d.deliver(d.packet)
			}
		}
	}
}
