package chrome

import (
	"context"
	"errors"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"checkoutdoctor/probe"
)

// frame is a cross-site frame of a page, a window that it opened, or its own
// tab. It implements [probe.Frame].
type frame struct {
	*session
	page   *page
	id     target.ID   // that of the frame, too; empty for the tab
	parent cdp.FrameID // empty for a window and the tab
}

var _ probe.Frame = (*frame)(nil)

// Top returns the page's own document.
func (p *page) Top() probe.Frame { return &frame{session: p.tab, page: p} }

// Frames lists the cross-site frames that there are now.
func (p *page) Frames(ctx context.Context) ([]probe.Frame, error) {
	return p.list(ctx, "list the frames", func(info *target.Info) bool { return info.Type == "iframe" })
}

// Windows lists the windows that the page opened.
func (p *page) Windows(ctx context.Context) ([]probe.Frame, error) {
	return p.list(ctx, "list the windows", func(info *target.Info) bool {
		return isWindow(info) && !p.record.isTab(cdp.FrameID(info.TargetID))
	})
}

// list lists those targets of the context that are wanted.
func (p *page) list(ctx context.Context, step string, wanted func(*target.Info) bool) (frames []probe.Frame, err error) {
	err = p.tab.step(ctx, step, func(run context.Context) error {
		targets, err := chromedp.Targets(run)
		if err != nil {
			return err
		}
		for _, info := range targets {
			if info.BrowserContextID != p.id || p.besides.known(info.TargetID) || !wanted(info) {
				continue
			}
			if f := p.frame(run, info); f != nil {
				frames = append(frames, f)
			}
		}
		return run.Err()
	})
	return frames, err
}

// frame returns the frame of the target, or nil if it is gone already.
func (p *page) frame(ctx context.Context, info *target.Info) *frame {
	if f := p.known(info.TargetID); f != nil {
		return f
	}
	url := func() string { return p.record.frameURL(cdp.FrameID(info.TargetID)) }
	f := &frame{session: newFrame(p.browser, info.TargetID, url), page: p, id: info.TargetID, parent: info.ParentFrameID}
	p.mu.Lock()
	p.frames[f.id] = f // before it is attached, so that it hears of its end
	p.mu.Unlock()
	if f.attach(ctx) != nil {
		f.detach() // which ends it, so that it is not returned again
		return nil
	}
	return f
}

// known returns the frame if it was asked for before and is still there.
func (p *page) known(id target.ID) *frame {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f := p.frames[id]; f != nil && f.alive.Err() == nil {
		return f
	}
	return nil
}

// Box returns where the frame stands in the page.
func (f *frame) Box(ctx context.Context) (box probe.Box, err error) {
	if f.parent == "" {
		return box, fmt.Errorf("look where %s stands: %w: it is a window", f.URL(), errors.ErrUnsupported)
	}
	err = f.inParent(ctx, "look where the frame stands", func(ctx context.Context, owner cdp.BackendNodeID) error {
		quad, err := content(ctx, owner)
		if err != nil || quad == nil {
			return err
		}
		box.Width, box.Height = quad[2]-quad[0], quad[5]-quad[1]
		at, seen, err := visibleMiddle(ctx, quad)
		if err != nil || !seen {
			return err
		}
		hit, err := hits(ctx, owner, at)
		box.Covered = !hit
		return err
	})
	return box, err
}

// ClickAt clicks a point of the frame's viewport with the mouse, or taps at it.
func (f *frame) ClickAt(ctx context.Context, x, y float64, times int) error {
	window, at, err := f.inWindow(ctx, point{x, y})
	if err != nil {
		return err
	}
	return window.step(ctx, fmt.Sprintf("click at %g, %g of the frame %s", x, y, f.URL()), func(ctx context.Context) error {
		return f.page.press(ctx, at, times)
	})
}

// Type types with the keyboard.
func (f *frame) Type(ctx context.Context, text string) error {
	return f.window().step(ctx, fmt.Sprintf("type %q", text), func(ctx context.Context) error {
		return chromedp.Do(ctx, chromedp.KeyEvent(text))
	})
}

// around returns what drives the process that the frame's parent is in: the
// session, and, where that is a frame as well, the frame. A window has nothing
// around it.
func (f *frame) around() (*session, *frame) {
	for id := f.parent; id != ""; id = f.page.record.parent(id) {
		if f.page.record.isTab(id) {
			return f.page.tab, nil
		}
		if outer := f.page.known(target.ID(id)); outer != nil {
			return outer.session, outer
		}
	}
	return nil, nil
}

// window returns what drives the window that the frame is in, which hands keys
// on to what has the focus.
func (f *frame) window() *session {
	for {
		around, outer := f.around()
		switch {
		case around == nil:
			return f.session
		case outer == nil:
			return around
		}
		f = outer
	}
}

// inParent runs do where the element is that holds the frame.
func (f *frame) inParent(ctx context.Context, name string, do func(context.Context, cdp.BackendNodeID) error) error {
	around, _ := f.around()
	if around == nil {
		return fmt.Errorf("%s: %w", name, errFrameGone)
	}
	return around.step(ctx, name, func(ctx context.Context) error {
		// Places are told only while this is on; else it would copy documents.
		if _, err := chromedp.Call(ctx, dom.Enable, dom.EnableParams{}); err != nil {
			return err
		}
		owner, err := chromedp.Call(ctx, dom.GetFrameOwner, dom.GetFrameOwnerParams{FrameID: cdp.FrameID(f.id)})
		if err == nil {
			err = do(ctx, owner.BackendNodeID)
		}
		_, off := chromedp.Call(ctx, dom.Disable, cdp.Empty{})
		return errors.Join(err, off)
	})
}

// inWindow scrolls a point of the frame's viewport into view, and returns where
// in its window that is.
func (f *frame) inWindow(ctx context.Context, at point) (*session, point, error) {
	if f.parent == "" {
		return f.session, at, nil
	}
	var outer point
	err := f.inParent(ctx, "scroll the frame into view", func(ctx context.Context, owner cdp.BackendNodeID) error {
		_, err := chromedp.Call(ctx, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{
			BackendNodeID: owner, Rect: &dom.Rect{X: at.X, Y: at.Y, Width: 1, Height: 1},
		})
		if err != nil {
			return err
		}
		quad, err := content(ctx, owner)
		if err != nil {
			return err
		}
		if quad == nil {
			return errors.New("the frame is not shown")
		}
		outer = point{quad[0] + at.X, quad[1] + at.Y}
		if hit, err := hits(ctx, owner, outer); err != nil || !hit {
			return errors.Join(err, probe.ErrCovered)
		}
		return nil
	})
	if err != nil {
		return nil, point{}, err
	}
	window, frame := f.around()
	if frame != nil {
		return frame.inWindow(ctx, outer)
	}
	return window, outer, nil
}

// content returns the corners of an element's content in the viewport, clockwise
// from the upper left, or nil where it is not shown.
func content(ctx context.Context, node cdp.BackendNodeID) (dom.Quad, error) {
	model, err := chromedp.Call(ctx, dom.GetBoxModel, dom.GetBoxModelParams{BackendNodeID: node})
	switch {
	case ctx.Err() != nil:
		return nil, err
	case err != nil:
		return nil, nil // it has no box
	}
	return model.Model.Content, nil
}

// visibleMiddle returns the middle of the part that is in the viewport, if any
// is.
func visibleMiddle(ctx context.Context, quad dom.Quad) (at point, seen bool, err error) {
	var size point
	if err := evaluate(ctx, "({x: innerWidth, y: innerHeight})", &size); err != nil {
		return at, false, err
	}
	left, right := max(quad[0], 0), min(quad[2], size.X)
	top, bottom := max(quad[1], 0), min(quad[5], size.Y)
	return point{(left + right) / 2, (top + bottom) / 2}, left < right && top < bottom, nil
}

// hits reports whether a click at the point of the viewport gets to the element.
func hits(ctx context.Context, node cdp.BackendNodeID, at point) (bool, error) {
	var scrolled point
	if err := evaluate(ctx, "({x: scrollX, y: scrollY})", &scrolled); err != nil {
		return false, err
	}
	// The command counts from the beginning of the document.
	hit, err := chromedp.Call(ctx, dom.GetNodeForLocation,
		dom.GetNodeForLocationParams{X: int64(at.X + scrolled.X), Y: int64(at.Y + scrolled.Y)})
	if err != nil {
		return false, err
	}
	return hit.BackendNodeID == node, nil
}
