package probe

import (
	"context"
	"encoding/json"
	"fmt"
)

// Within stands in a selector behind that of a frame of the page's own origin:
// what follows is looked for in the frame's document.
const Within = " >>> "

// jsPaymentFrame is the selector of the frame that the payment page stands in,
// on the page around it.
const jsPaymentFrame = `document.documentElement.dataset.paymentFrame ?? ""`

// framed is a page whose payment document stands in a frame of its own origin.
// What is asked of it is asked of that document.
type framed struct {
	Page
	frame string // its selector
}

// inPaymentFrame returns the page, or the payment page within it where it says
// that there is one.
func inPaymentFrame(ctx context.Context, page Page) (Page, error) {
	var frame string
	if err := page.Eval(ctx, jsPaymentFrame, &frame); err != nil {
		return nil, fmt.Errorf("look where the payment page is: %w", err)
	}
	if frame == "" {
		return page, nil
	}
	return &framed{page, frame}, nil
}

// within makes the script's document that of the frame. Where the frame is gone
// with its page, it is the document that came instead.
func (f *framed) within(js string) string {
	return fmt.Sprintf("((document) => (%s))(document.querySelector(%s)?.contentDocument ?? document)", js, quoted(f.frame))
}

// quoted writes a text as JavaScript does.
func quoted(text string) string {
	literal, _ := json.Marshal(text) // which cannot fail
	return string(literal)
}

func (f *framed) Eval(ctx context.Context, js string, out any) error {
	return f.Page.Eval(ctx, f.within(js), out)
}

func (f *framed) Until(ctx context.Context, js string) error {
	return f.Page.Until(ctx, f.within(js))
}

func (f *framed) Click(ctx context.Context, css string) error {
	return f.Page.Click(ctx, f.frame+Within+css)
}

func (f *framed) Hover(ctx context.Context, css string) error {
	return f.Page.Hover(ctx, f.frame+Within+css)
}

// ClickAt clicks a point of the frame's viewport.
func (f *framed) ClickAt(ctx context.Context, x, y float64) error {
	js := fmt.Sprintf(`(() => {
	const frame = document.querySelector(%s)
	const box = frame.getBoundingClientRect()
	return {x: box.left + frame.clientLeft, y: box.top + frame.clientTop}
})()`, quoted(f.frame))
	var at struct{ X, Y float64 }
	if err := f.Page.Eval(ctx, js, &at); err != nil {
		return fmt.Errorf("look where the payment page stands: %w", err)
	}
	return f.Page.ClickAt(ctx, at.X+x, at.Y+y)
}
