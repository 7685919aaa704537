package fault

import (
	"context"
	"io"
	"sync"
)

// Copy passes on over the line what comes from one side.
func Copy(ctx context.Context, line Line, to io.Writer, from io.Reader) error {
	var l link
	l.set(line)
	var readers sync.WaitGroup
	defer readers.Wait()
	return l.copy(ctx, to, from, &readers)
}

// Held returns what of one direction of a tunnel passes under the rule.
func Held(rule Rule, up bool, from io.Reader) io.Reader {
	return &flow{proxy: &Proxy{way: &way{rest: rule}}, client: &client{ctx: context.Background()}, from: from, up: up}
}

// ReadSOCKSGreeting and ReadSOCKSRequest read what a browser says to a SOCKS
// proxy.
var (
	ReadSOCKSGreeting = readSOCKSGreeting
	ReadSOCKSRequest  = readSOCKSRequest
)
