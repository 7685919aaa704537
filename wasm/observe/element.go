//go:build js && wasm

package observe

import (
	"errors"
	"slices"
	"strings"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
)

// Styles of what we put into a page. Both are rendered, since browsers neither
// load an <object> nor collapse a blocked frame that is not.
const (
	invisible = "left:0;top:0;width:1px;height:1px;opacity:0"  // one transparent pixel
	offScreen = "left:-9999px;top:0;width:250px;height:400px"  // as large as the smallest challenge window
	unseen    = ";position:fixed;border:0;pointer-events:none" // what both have
	important = "important"                                    // over the page's own rules
)

// errNotPlaced says that the page did not take an element of ours: Trusted Types
// may refuse its attributes.
var errNotPlaced = errors.New("the element was not put into the page")

// place makes an element that nobody sees, reads or focuses, and puts it into
// the page; remove takes it away. The attributes are names, each with its value.
// It fails with errNotPlaced.
func (b *browser) place(tag, styles string, attributes ...string) (element safejs.Value, remove func(), err error) {
	if element, err = b.create(tag, styles, attributes...); err != nil {
		return element, nil, err
	}
	remove, err = b.insert(element)
	return element, remove, err
}

func (b *browser) create(tag, styles string, attributes ...string) (safejs.Value, error) {
	element, err := Call(b.document, "createElement", tag)
	if err != nil {
		return element, errNotPlaced
	}
	for pair := range slices.Chunk(attributes, 2) {
		if _, err := Call(element, "setAttribute", pair[0], pair[1]); err != nil {
			return element, errNotPlaced
		}
	}
	setStyles(element, styles+unseen)
	return element, nil
}

func (b *browser) insert(element safejs.Value) (remove func(), err error) {
	parent, ok := at(b.document, "body")
	if !ok {
		parent, _ = at(b.document, "documentElement")
	}
	if _, err := Call(parent, "appendChild", element); err != nil {
		return nil, errNotPlaced
	}
	return func() { _, _ = Call(element, "remove") }, nil
}

// setStyles sets styles one by one: a policy that refuses style attributes lets
// the object model pass.
func setStyles(element safejs.Value, styles string) {
	if style, ok := at(element, "style"); ok {
		for rule := range strings.SplitSeq(styles, ";") {
			property, value, _ := strings.Cut(rule, ":")
			_, _ = Call(style, "setProperty", property, value, important)
		}
	}
	_, _ = Call(element, "setAttribute", "aria-hidden", "true")
	_, _ = Call(element, "setAttribute", "tabindex", "-1")
}

// hear returns the data of the first message that fits. Whoever sent it is
// asked for later: a frame has no window before it is placed.
func (b *browser) hear(fits func(message, data safejs.Value) bool) (heard <-chan safejs.Value, stop func(), err error) {
	message := make(chan safejs.Value, 1)
	stop, err = b.listen(b.window, "message", func(event safejs.Value) {
		if data, _ := at(event, "data"); fits(event, data) {
			select {
			case message <- data:
			default:
			}
		}
	})
	return message, stop, err
}

// isFrom reports whether the message is from the origin. A sandbox that takes this
// page its origin takes that of the frames in it, too.
func (b *browser) isFrom(message safejs.Value, origin string) bool {
	told := textOr(message, "", "origin")
	return told == origin || told == opaqueOrigin && textOr(b.window, "", "origin") == opaqueOrigin
}

// opaqueOrigin is how a message names the origin of a sandboxed frame, which has
// none (https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin).
const opaqueOrigin = "null"

// frameMessage puts a frame into the page and waits for the message that
// carries the nonce, from that very frame while it shows a page of the origin.
func (b *browser) frameMessage(ctx context.Context, origin, kind, nonce string, attributes ...string) (safejs.Value, error) {
	var content safejs.Value
	heard, stop, err := b.hear(func(message, data safejs.Value) bool {
		source, _ := at(message, "source")
		return source.Equal(content) && b.isFrom(message, origin) &&
			textOr(data, "", "type") == kind && textOr(data, "", "nonce") == nonce
	})
	if err != nil {
		return safejs.Undefined(), err
	}
	defer stop()
	frame, remove, err := b.place("iframe", invisible, attributes...)
	if err != nil {
		return safejs.Undefined(), err
	}
	defer remove()
	content, _ = at(frame, "contentWindow")
	select {
	case data := <-heard:
		return data, nil
	case <-ctx.Done():
		return safejs.Undefined(), ctx.Err()
	}
}
