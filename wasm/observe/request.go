//go:build js && wasm

package observe

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
)

// The outcomes of asking for something over the network, as the facts say them.
const (
	answered = "answered"
	loaded   = "loaded"
	failed   = "failed"
	timedOut = "timed-out"
)

// fetch starts a request that ends with ctx, its body included, and returns
// the response. The options are names, each with its value. Nothing is asked
// once ctx has ended.
func (b *browser) fetch(ctx context.Context, url string, options ...string) (safejs.Value, error) {
	if err := ctx.Err(); err != nil {
		return safejs.Undefined(), err
	}
	controller, ok := at(b.window, "AbortController")
	if !ok {
		return safejs.Undefined(), errors.New("no AbortController")
	}
	abort, err := controller.New()
	if err != nil {
		return safejs.Undefined(), err
	}
	// The body is still to come when this returns: ctx ends that as well.
	b.apart(func() {
		<-ctx.Done()
		_, _ = Call(abort, "abort")
	})
	signal, _ := at(abort, "signal")
	init := map[string]any{"signal": signal}
	for pair := range slices.Chunk(options, 2) {
		init[pair[0]] = pair[1]
	}
	promise, err := Call(b.window, "fetch", url, init)
	if err != nil {
		return safejs.Undefined(), err
	}
	return b.await(ctx, promise)
}

// header returns the header of a response; empty for none, or where the page may
// not read it.
func header(response safejs.Value, name string) string {
	headers, _ := at(response, "headers")
	value, err := Call(headers, "get", name)
	if err != nil {
		return ""
	}
	return textOr(value, "")
}

// outcome words how a request ended.
func outcome(err error, good string) string {
	switch {
	case err == nil:
		return good
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return timedOut
	}
	return failed
}

// refusals notes what the page's own policy refused while we looked: such a
// request says nothing of the network.
type refusals struct {
	mu       sync.Mutex
	origins  []string
	watchers []func(origin string)
}

func (r *refusals) note(origin string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.origins, origin) {
		return
	}
	r.origins = append(r.origins, origin)
	for _, watch := range r.watchers {
		watch(origin)
	}
}

func (r *refusals) noted(origin string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.origins, origin)
}

// watch has every origin told that is noted from now on. What it calls must not
// ask the refusals back.
func (r *refusals) watch(told func(origin string)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watchers = append(r.watchers, told)
}

// watchRefusals starts to note; stop ends it.
func (b *browser) watchRefusals() (stop func()) {
	b.refused = &refusals{}
	stopViolations, err := b.listen(b.document, "securitypolicyviolation", func(event safejs.Value) {
		b.noteRefusal(event, "blockedURI")
	})
	if err != nil {
		return func() {}
	}
	stopReports := b.watchIsolation()
	return func() {
		stopViolations()
		stopReports()
	}
}

// watchIsolation notes what the page's isolation keeps out, which has no event:
// the browser reports it.
func (b *browser) watchIsolation() (stop func()) {
	constructor, ok := at(b.window, "ReportingObserver")
	if !ok {
		return func() {}
	}
	callback, drop, err := b.bind(func(reports safejs.Value) {
		for _, report := range items(reports) {
			body, _ := at(report, "body")
			if content, err := Call(body, "toJSON"); err == nil {
				b.noteRefusal(content, "blockedURL")
			}
		}
	})
	if err != nil {
		return func() {}
	}
	observer, err := constructor.New(callback, map[string]any{"types": []any{"coep"}})
	if err != nil {
		drop()
		return func() {}
	}
	_, _ = Call(observer, "observe")
	return func() {
		_, _ = Call(observer, "disconnect")
		drop()
	}
}

// noteRefusal notes the origin of what was refused, unless that was only a trial
// or a frame of this page's own origin, whose requests come all the same.
func (b *browser) noteRefusal(refusal safejs.Value, url string) {
	o := origin(textOr(refusal, "", url))
	ownFrame := textOr(refusal, "", "effectiveDirective") == "frame-src" && o == textOr(b.window, "", "location", "origin")
	if o != "" && !ownFrame && textOr(refusal, "", "disposition") == "enforce" { // not "inline", "eval" and the like
		b.refused.note(o)
	}
}

// afterthought is how much later than the failure the event may come that
// explains it: the two are tasks of different queues.
const afterthought = 100 * time.Millisecond

// refuses reports whether the policy refused a request to the URL's origin. It
// is asked of a request that failed.
func (b *browser) refuses(ctx context.Context, url string) bool {
	o := origin(url)
	if !b.refused.noted(o) {
		select {
		case <-context.After(afterthought):
		case <-ctx.Done():
		}
	}
	return b.refused.noted(o)
}

// unlessRefused returns a context that ends as soon as the policy refuses a
// request to the URL's origin: nothing more is to be waited for then.
func (b *browser) unlessRefused(ctx context.Context, url string) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	wanted := origin(url)
	b.refused.watch(func(o string) {
		if o == wanted {
			cancel()
		}
	})
	return ctx, cancel
}

// RandomID returns 16 random hexadecimal digits.
func RandomID() string { return randomText(16) }

// randomText returns n random hexadecimal digits, an even number.
func randomText(n int) string {
	random := make([]byte, n/2)
	if array, err := randomBytes(len(random)); err == nil {
		_, _ = safejs.CopyBytesToGo(random, array)
	}
	return hexadecimal(random)
}

func randomBytes(n int) (safejs.Value, error) {
	constructor, _ := at(safejs.Global(), "Uint8Array")
	array, err := constructor.New(n)
	if err != nil {
		return array, err
	}
	crypto, _ := at(safejs.Global(), "crypto")
	return Call(crypto, "getRandomValues", array)
}

func hexadecimal(bytes []byte) string {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 2*len(bytes))
	for _, x := range bytes {
		out = append(out, digits[x>>4], digits[x&15])
	}
	return string(out)
}
