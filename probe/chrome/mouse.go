package chrome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/chromedp/chromedp"
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
		const element = document.querySelector(` + string(selector) + `);
		if (!element) return {why: "there is no such element"};
		element.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
		const box = element.getBoundingClientRect();
		if (!box.width || !box.height) return {why: "the element has no size"};
		return {x: box.x + box.width / 2, y: box.y + box.height / 2};
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

// Click clicks the element's middle with the mouse.
func (p *page) Click(ctx context.Context, css string) error {
	return p.tab.step(ctx, fmt.Sprintf("click %q", css), func(ctx context.Context) error {
		at, err := middle(ctx, css)
		if err != nil {
			return err
		}
		return click(ctx, at)
	})
}

// ClickAt clicks a point of the viewport with the mouse.
func (p *page) ClickAt(ctx context.Context, x, y float64) error {
	return p.tab.step(ctx, fmt.Sprintf("click at %g, %g", x, y), func(ctx context.Context) error {
		return click(ctx, point{x, y})
	})
}

func click(ctx context.Context, at point) error { return clicks(ctx, at, 1) }

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
