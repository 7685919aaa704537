package probe

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"
)

// formCode is what the issuer's form asks for.
const formCode = "1234"

// jsForm finds the issuer's form in the document, or in a frame within it that
// is of the same site: then x and y are where that frame stands.
const jsForm = `
	const documents = [{place: document, x: 0, y: 0}]
	for (const frame of document.querySelectorAll("iframe")) {
		const box = frame.getBoundingClientRect()
		if (frame.contentDocument) documents.push({place: frame.contentDocument, x: box.left + frame.clientLeft, y: box.top + frame.clientTop})
	}
	const {place, x, y} = documents.find(({place}) => place.querySelector("form[data-challenge]")) ?? {}
	const form = place?.querySelector("form[data-challenge]")
	const input = form?.querySelector("input:not([type=hidden]):not([hidden])")
	const button = form?.querySelector("[data-submit]") ?? form?.querySelector("button")
`

const (
	jsFormThere = `(() => {` + jsForm + `
	return !!form
})()`

	// Each document of the issuer's is answered once. A button that waits for
	// something cannot be pressed.
	jsAnswer = `(() => {` + jsForm + `
	if (!button || button.matches(":disabled") || form.dataset.answered) return false
	form.dataset.answered = "yes"
	if (input) input.value = "` + formCode + `"
	button.click()
	return true
})()`

	// What stands outside of the frame's own viewport is out of a user's sight. A
	// click that gets to the button marks the form as answered.
	jsReach = `(() => {` + jsForm + `
	if (!button || button.matches(":disabled") || form.dataset.answered) return null
	if (!form.dataset.awaited) {
		form.dataset.awaited = "yes"
		button.addEventListener("click", (event) => { if (event.isTrusted) form.dataset.answered = "yes" })
	}
	const middle = (element) => {
		const box = element.getBoundingClientRect()
		const at = {x: x + box.left + box.width / 2, y: y + box.top + box.height / 2}
		return at.x > 0 && at.y > 0 && at.x < innerWidth && at.y < innerHeight ? at : null
	}
	const at = {input: input && middle(input), button: middle(button)}
	return at.button && (at.input || !input) ? at : null
})()`

	// A challenge is left open for a tenth of the time that the page gives it.
	jsLeftUntil = `performance.now() + Number(document.documentElement.dataset.challengeLimit) / 10`
)

// challenge is the issuer's form, and the user in front of it.
type challenge struct {
	page    Page
	origins Origins
	user    User
}

// attend does what the user does with the challenge as it is now, and reports
// whether they turn to the diagnostic. A frame that goes on meanwhile is no
// error: the next look finds what it became.
func (c *challenge) attend(ctx context.Context) (turned bool, err error) {
	if c.user == Away {
		return false, nil
	}
	places, err := c.places(ctx)
	if isLate(ctx, err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, f := range places {
		switch c.user {
		case Clicks:
			err = soon(ctx, f, clickThrough)
		case LeavesOpen:
			turned, err = c.leave(ctx, f)
		default:
			err = soon(ctx, f, fillIn)
		}
		if turned || isGone(err) {
			return turned, err
		}
	}
	return false, nil
}

// stepLimit is how long one step of a user's may take. A browser may never
// acknowledge the click by which a frame goes on to another process.
const stepLimit = 3 * time.Second

// soon takes one step with the frame, and gives it up where it does not end.
func soon(ctx context.Context, f Frame, step func(context.Context, Frame) error) error {
	ctx, cancel := context.WithTimeout(ctx, stepLimit)
	defer cancel()
	return step(ctx, f)
}

// fillIn answers the form by script.
func fillIn(ctx context.Context, f Frame) error { return f.Eval(ctx, jsAnswer, nil) }

// isLate reports whether a step took too long, and not the scenario.
func isLate(ctx context.Context, err error) bool {
	return errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil
}

// places lists the frames and windows that show a page of the issuer's, and the
// page itself where that does. A frame that is being made may hold the browser's
// answer up.
func (c *challenge) places(ctx context.Context) ([]Frame, error) {
	ctx, cancel := context.WithTimeout(ctx, stepLimit)
	defer cancel()
	frames, err := c.page.Frames(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for the issuer's frame: %w", err)
	}
	windows, err := c.page.Windows(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for the issuer's window: %w", err)
	}
	return slices.DeleteFunc(slices.Concat([]Frame{c.page.Top()}, frames, windows), func(f Frame) bool {
		return !c.origins.issuer(originOf(f.URL()))
	}), nil
}

// leave leaves the form alone for a while.
func (c *challenge) leave(ctx context.Context, f Frame) (seen bool, err error) {
	if err := f.Eval(ctx, jsFormThere, &seen); err != nil || !seen {
		return false, err
	}
	var until float64
	if err := c.page.Eval(ctx, jsLeftUntil, &until); err != nil {
		return false, fmt.Errorf("look how long the challenge lasts: %w", err)
	}
	if err := c.page.Until(ctx, fmt.Sprintf("performance.now() >= %f", until)); err != nil {
		return false, fmt.Errorf("leave the challenge open: %w", err)
	}
	return true, nil
}

// jsEmpty finds the middle of a page that came in full and has no form. Who sees
// nothing there clicks at it, once.
const jsEmpty = `(() => {` + jsForm + `
	const root = document.documentElement
	if (form || document.readyState !== "complete" || root.dataset.tried) return null
	root.dataset.tried = "yes"
	return {x: innerWidth / 2, y: innerHeight / 2}
})()`

// clickThrough answers the form as far as mouse and keys get there.
func clickThrough(ctx context.Context, f Frame) error {
	type point struct{ X, Y float64 }
	var at *struct{ Input, Button *point }
	if err := f.Eval(ctx, jsReach, &at); err != nil {
		return err
	}
	if at == nil {
		return clickEmpty(ctx, f)
	}
	if at.Input != nil {
		const all = 3 // clicks that choose all of the text
		if err := f.ClickAt(ctx, at.Input.X, at.Input.Y, all); err != nil {
			return err
		}
		if err := f.Type(ctx, formCode); err != nil {
			return err
		}
	}
	return f.ClickAt(ctx, at.Button.X, at.Button.Y, 1)
}

// clickEmpty clicks at a page that shows nothing to answer.
func clickEmpty(ctx context.Context, f Frame) error {
	var at *struct{ X, Y float64 }
	if err := f.Eval(ctx, jsEmpty, &at); err != nil || at == nil {
		return err
	}
	return f.ClickAt(ctx, at.X, at.Y, 1)
}

// issuer reports whether an origin is of the web, and of none of the lab's sites
// but the issuer's. A fault may put the issuer elsewhere.
func (o Origins) issuer(origin string) bool {
	return origin != "" && !slices.Contains([]string{o.Merchant, o.ThreeDSServer, o.Diag, o.Helper}, origin)
}

// originOf returns the origin of a web address, and "" for any other.
func originOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
