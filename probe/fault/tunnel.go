package fault

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// tunnel passes bytes both ways until both sides have ended, or the rule that
// is in force ends them.
func (p *Proxy) tunnel(way *way, c *client, address string) {
	server, err := way.dial(c.ctx, "tcp", address)
	if err != nil {
		p.protocol.answer(c, refused)
		return
	}
	c.closeWith(server)
	p.protocol.answer(c, connected)

	var readers, up sync.WaitGroup
	defer readers.Wait()
	defer c.end()
	up.Go(func() {
		p.up.copy(c.ctx, server, &flow{proxy: p, client: c, from: c, up: true}, &readers)
		closeWrite(server)
	})
	defer up.Wait()
	answers := &flow{proxy: p, client: c, from: server}
	if err := p.down.copy(c.ctx, c, answers, &readers); err != nil || answers.wasCut() {
		c.end()
		return
	}
	closeWrite(c.Conn)
}

// closeWrite ends one direction of a connection.
func closeWrite(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
}

// flow is one direction of a tunnel, held to the rule that is in force.
type flow struct {
	proxy  *Proxy
	client *client
	from   io.Reader
	up     bool

	passed int64     // bytes since the last pause
	last   time.Time // when some came
	over   *Rule     // the [Cut] or [Stall] by which nothing more passes; nil while it does
}

func (f *flow) Read(b []byte) (int, error) {
	if f.over != nil {
		f.end(*f.over)
		return 0, io.EOF
	}
	n, err := f.from.Read(b)
	if n == 0 {
		return 0, err
	}
	rule := f.proxy.ruleNow(f.client.host)
	if !f.client.turns.take(rule, f.up) {
		f.proxy.owe(f.client.host)
		f.client.end()
		return 0, io.EOF
	}
	allowed := f.allowed(rule, n)
	if allowed < n {
		f.over, err = &rule, nil
	}
	return allowed, err
}

// wasCut reports whether a [Cut] has ended the direction.
func (f *flow) wasCut() bool { return f.over != nil && f.over.Action == Cut }

// end waits until nothing is to be heard of the direction any more.
func (f *flow) end(rule Rule) {
	if rule.Action == Cut {
		waitUntil(f.client.ctx, time.Now().Add(rule.Linger))
		return
	}
	io.Copy(io.Discard, f.from) // until its sender gives up
}

// allowed returns how many of n bytes that have come may pass.
func (f *flow) allowed(rule Rule, n int) int {
	if !rule.bounds(f.up) {
		f.passed = 0
		return n
	}
	now := time.Now()
	if rule.Pause > 0 && now.Sub(f.last) >= rule.Pause {
		f.passed = 0
	}
	f.last = now
	allowed := min(int64(n), rule.Bytes-f.passed)
	f.passed += allowed
	return int(allowed)
}

// turns counts how often the browser spoke after the server did, while a [Flap]
// is in force.
type turns struct {
	taken int         // touched by what the browser sends alone
	asked atomic.Bool // the browser has spoken, and the server not yet
}

// take reports whether what came may pass.
func (t *turns) take(rule Rule, up bool) bool {
	switch {
	case !up:
		t.asked.Store(false)
	case rule.Action != Flap:
		t.taken = 0
	case !t.asked.Swap(true):
		t.taken++
		return t.taken <= rule.Turns
	}
	return true
}

// owe notes that the host's next connection is refused.
func (p *Proxy) owe(host string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.owed[host]++
}

// refuses reports whether a connection to the host is one that is refused for
// one that broke.
func (p *Proxy) refuses(host string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.owed[host] == 0 {
		return false
	}
	p.owed[host]--
	return true
}
