//go:build js && wasm

package observe

import (
	"context"

	"github.com/hack-pad/safejs"
)

// place makes an element that nobody sees, reads or focuses, and puts it into
// the page; remove takes it away. It is rendered (one transparent pixel),
// since browsers do not load an <object> that is not.
func (b *browser) place(tag string, properties map[string]string) (element safejs.Value, remove func(), err error) {
	element, err = Call(b.document, "createElement", tag)
	if err != nil {
		return element, nil, err
	}
	for name, value := range properties {
		if _, err := Call(element, "setAttribute", name, value); err != nil {
			return element, nil, err
		}
	}
	b.makeInvisible(element)
	parent, ok := at(b.document, "body")
	if !ok {
		parent, _ = at(b.document, "documentElement")
	}
	if _, err := Call(parent, "appendChild", element); err != nil {
		return element, nil, err
	}
	return element, func() { _, _ = Call(element, "remove") }, nil
}

// makeInvisible sets styles one by one: a policy that refuses style attributes
// lets the object model pass.
func (b *browser) makeInvisible(element safejs.Value) {
	style, ok := at(element, "style")
	if !ok {
		return
	}
	for property, value := range map[string]string{
		"position": "fixed", "left": "0", "top": "0", "width": "1px", "height": "1px",
		"opacity": "0", "border": "0", "pointer-events": "none",
	} {
		_, _ = Call(style, "setProperty", property, value, "important")
	}
	_, _ = Call(element, "setAttribute", "aria-hidden", "true")
	_, _ = Call(element, "setAttribute", "tabindex", "-1")
}

// frameMessage puts a frame into the page and waits for the message that
// carries the nonce, from that very frame.
func (b *browser) frameMessage(ctx context.Context, properties map[string]string, kind, nonce string) (safejs.Value, error) {
	message := make(chan safejs.Value, 1)
	var content safejs.Value
	stop, err := b.listen(b.window, "message", func(event safejs.Value) {
		source, _ := at(event, "source")
		data, _ := at(event, "data")
		if k, _ := text(data, "type"); k != kind || !source.Equal(content) {
			return
		}
		if n, _ := text(data, "nonce"); n == nonce {
			select {
			case message <- data:
			default:
			}
		}
	})
	if err != nil {
		return safejs.Undefined(), err
	}
	defer stop()
	frame, remove, err := b.place("iframe", properties)
	if err != nil {
		return safejs.Undefined(), err
	}
	defer remove()
	content, _ = at(frame, "contentWindow")
	select {
	case data := <-message:
		return data, nil
	case <-ctx.Done():
		return safejs.Undefined(), ctx.Err()
	}
}
