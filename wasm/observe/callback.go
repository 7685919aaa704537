//go:build js && wasm

package observe

import (
	"errors"
	"sync"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
)

// callbacks leads calls from JavaScript back into Go through one function that
// is made once. What the page gets are bound copies of it, each with an id of
// its own: dropping one frees everything that Go holds for it, and a call that
// comes too late finds nothing and does nothing. There is one thread, but
// a goroutine may give way in the midst of a map's write, where that allocates.
type callbacks struct {
	entry safejs.Func

	mu       sync.Mutex
	handlers map[int]func(arg safejs.Value)
	next     int
}

// shared are the callbacks of all runs. They stay as long as the module does: a
// promise may settle after the run that waited for it, and calling a function
// that was released is an error in the host page's console.
var shared *callbacks

func sharedCallbacks() (*callbacks, error) {
	if shared != nil {
		return shared, nil
	}
	c, err := newCallbacks()
	if err == nil {
		shared = c
	}
	return c, err
}

// newCallbacks makes the function.
func newCallbacks() (*callbacks, error) {
	c := &callbacks{handlers: make(map[int]func(safejs.Value))}
	entry, err := safejs.FuncOf(c.dispatch)
	c.entry = entry
	return c, err
}

// dispatch runs the handler of a bound copy. A panic must not reach the
// runtime: it would end the module for good.
func (c *callbacks) dispatch(_ safejs.Value, args []safejs.Value) any {
	defer func() { _ = recover() }()
	if len(args) == 0 {
		return nil
	}
	id, err := args[0].Int()
	if err != nil {
		return nil
	}
	if handler, ok := c.handler(id); ok {
		arg := safejs.Undefined()
		if len(args) > 1 {
			arg = args[1]
		}
		handler(arg)
	}
	return nil
}

func (c *callbacks) handler(id int) (handler func(safejs.Value), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	handler, ok = c.handlers[id]
	return handler, ok
}

// keep takes a handler in under an id of its own.
func (c *callbacks) keep(handler func(safejs.Value)) (id int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next++
	c.handlers[c.next] = handler
	return c.next
}

func (c *callbacks) drop(id int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.handlers, id)
}

// bind returns a JavaScript function that calls handler with its first
// argument, and drop, after which it does nothing.
func (c *callbacks) bind(handler func(arg safejs.Value)) (fn safejs.Value, drop func(), err error) {
	id := c.keep(handler)
	drop = func() { c.drop(id) }
	fn, err = Call(c.entry.Value(), "bind", safejs.Null(), id)
	if err != nil {
		drop()
	}
	return fn, drop, err
}

// await waits for the promise, or for the end of ctx. A rejection is an error
// with the reason's text.
func (c *callbacks) await(ctx context.Context, promise safejs.Value) (safejs.Value, error) {
	type outcome struct {
		value safejs.Value
		err   error
	}
	settled := make(chan outcome, 2)
	resolve, dropResolve, err := c.bind(func(v safejs.Value) { settled <- outcome{value: v} })
	if err != nil {
		return safejs.Undefined(), err
	}
	defer dropResolve()
	reject, dropReject, err := c.bind(func(v safejs.Value) { settled <- outcome{err: rejection(v)} })
	if err != nil {
		return safejs.Undefined(), err
	}
	defer dropReject()
	if _, err := Call(promise, "then", resolve, reject); err != nil {
		return safejs.Undefined(), err
	}
	select {
	case o := <-settled:
		return o.value, o.err
	case <-ctx.Done():
		return safejs.Undefined(), ctx.Err()
	}
}

func rejection(reason safejs.Value) error {
	text, err := Call(reason, "toString")
	if err != nil {
		return errors.New("rejected")
	}
	s, err := text.String()
	if err != nil {
		return errors.New("rejected")
	}
	return errors.New(s)
}

// listen adds a listener and returns what takes it away again.
func (c *callbacks) listen(target safejs.Value, event string, handler func(event safejs.Value)) (stop func(), err error) {
	fn, drop, err := c.bind(handler)
	if err != nil {
		return func() {}, err
	}
	if _, err := Call(target, "addEventListener", event, fn); err != nil {
		drop()
		return func() {}, err
	}
	return func() {
		_, _ = Call(target, "removeEventListener", event, fn)
		drop()
	}, nil
}

// first waits for the first of the events on target and returns its name.
func (c *callbacks) first(ctx context.Context, target safejs.Value, events ...string) (string, error) {
	fired := make(chan string, len(events))
	for _, event := range events {
		stop, err := c.listen(target, event, func(safejs.Value) {
			select {
			case fired <- event:
			default:
			}
		})
		if err != nil {
			return "", err
		}
		defer stop()
	}
	select {
	case event := <-fired:
		return event, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
