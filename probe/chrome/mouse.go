package chrome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"checkoutdoctor/probe"
)

// point is a place in the viewport, in CSS pixels.
type point struct{ X, Y float64 }

// middle waits for the element, scrolls it into view and returns its middle.
func middle(ctx context.Context, css string) (point, error) {
	selector, err := json.Marshal(css)
	if err != nil {
		return point{}, err
	}
	js := `(() => {
		const path = [];
		for (const css of ` + string(selector) + `.split("` + probe.Within + `")) {
			const scope = path.length ? path.at(-1).contentDocument : document;
			const element = scope?.querySelector(css);
			if (!element) return {why: "there is no " + css};
			path.push(element);
		}
		path.at(-1).scrollIntoView({block: "center", inline: "center", behavior: "instant"});
		const box = path.pop().getBoundingClientRect();
		if (!box.width || !box.height) return {why: "the element has no size"};
		const at = {x: box.x + box.width / 2, y: box.y + box.height / 2};
		for (const frame of path) {
			const outer = frame.getBoundingClientRect();
			at.x += outer.x + frame.clientLeft;
			at.y += outer.y + frame.clientTop;
		}
		return at;
	})()`
	var at point
	err = poll(ctx, func() error {
		var found struct {
			point
			Why string
		}
		if err := evaluate(ctx, js, &found); err != nil {
			return err
		}
		if found.Why != "" {
			return errors.New(found.Why)
		}
		at = found.point
		return nil
	})
	return at, err
}

// Click clicks the element's middle with the mouse, or taps at it.
func (p *page) Click(ctx context.Context, css string) error {
	return p.tab.step(ctx, fmt.Sprintf("click %q", css), func(ctx context.Context) error {
		at, err := middle(ctx, css)
		if err != nil {
			return err
		}
		return p.press(ctx, at, 1)
	})
}

// ClickAt clicks a point of the viewport with the mouse, or taps at it.
func (p *page) ClickAt(ctx context.Context, x, y float64) error {
	return p.tab.step(ctx, fmt.Sprintf("click at %g, %g", x, y), func(ctx context.Context) error {
		return p.press(ctx, point{x, y}, 1)
	})
}

// press clicks times in a row, or taps once where there is a touch screen: a
// second tap would zoom.
func (p *page) press(ctx context.Context, at point, times int) error {
	if p.options.Device.Touch {
		return tap(ctx, at)
	}
	return clicks(ctx, at, times)
}

// tap puts a finger down and lifts it.
func tap(ctx context.Context, at point) error {
	for _, e := range []input.DispatchTouchEventParams{
		{Type: input.DispatchTouchEventTypeTouchStart, TouchPoints: []*input.TouchPoint{{X: at.X, Y: at.Y}}},
		{Type: input.DispatchTouchEventTypeTouchEnd, TouchPoints: []*input.TouchPoint{}},
	} {
		if _, err := chromedp.Call(ctx, input.DispatchTouchEvent, e); err != nil {
			return err
		}
	}
	return nil
}

// clicks clicks times in a row, as for a double click.
func clicks(ctx context.Context, at point, times int) error {
	actions := []chromedp.Action[chromedp.Void]{moveTo(at)}
	for n := range times {
		actions = append(actions, chromedp.MouseClickXY(at.X, at.Y, chromedp.ClickCount(n+1)))
	}
	return chromedp.Do(ctx, actions...)
}

func moveTo(at point) chromedp.Action[chromedp.Void] {
	return chromedp.MouseEvent(chromedp.MouseMoved, at.X, at.Y)
}

// Hover moves the mouse to the element's middle.
func (p *page) Hover(ctx context.Context, css string) error {
	return p.tab.step(ctx, fmt.Sprintf("hover over %q", css), func(ctx context.Context) error {
		at, err := middle(ctx, css)
		if err != nil {
			return err
		}
		return chromedp.Do(ctx, moveTo(at))
	})
}
