package chrome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"checkoutdoctor/probe"
)

// session drives one target: the page's tab, a window or a cross-site frame.
type session struct {
	browser *browser
	url     func() string
	ctx     context.Context // the target's chromedp context
	detach  context.CancelFunc
	alive   context.Context         // ends with the target's renderer
	end     context.CancelCauseFunc // ends alive, with what that means to who waits
	gone    error                   // what it means that the target is not there any more
}

// errFrameGone says that a frame was removed or taken over by another site.
var errFrameGone = errors.New("the frame is gone")

// newTab makes the session of a new tab in the context, not attached yet. A
// tab that was closed is as gone as one that crashed.
func newTab(b *browser, id cdp.BrowserContextID, url func() string) *session {
	return newSession(b, url, probe.ErrPageCrashed, chromedp.WithExistingBrowserContext(id))
}

// newFrame makes the session of a frame or window, not attached yet.
func newFrame(b *browser, id target.ID, url func() string) *session {
	return newSession(b, url, errFrameGone, chromedp.WithTargetID(id), chromedp.WithDetachOnCancel())
}

func newSession(b *browser, url func() string, gone error, o ...chromedp.ContextOption) *session {
	s := &session{browser: b, url: url, gone: gone}
	s.ctx, s.detach = chromedp.NewContext(b.ctx, o...)
	s.alive, s.end = context.WithCancelCause(s.ctx)
	return s
}

// attach connects to the target. The first command binds the target's life to
// its context, so it has no limit of its own; ctx ends the whole session, and so
// does the end of the renderer, which would leave the commands unanswered.
func (s *session) attach(ctx context.Context) error {
	defer context.AfterFunc(ctx, s.detach)()
	defer context.AfterFunc(s.alive, s.detach)()
	err := chromedp.Do(s.ctx)
	if err == nil {
		err = run(s.ctx, unneeded)
	}
	return s.explain(ctx, err)
}

// unneeded switches off what the driver switches on in every target.
var unneeded = []command{
	// It attaches to workers and frames of the target. As the watcher holds new
	// targets, the browser holds those for the driver as well, which does not
	// let them go: a service worker never starts.
	order(target.SetAutoAttach, target.SetAutoAttachParams{Flatten: new(true)}),
	// It copies every document.
	order(css.Disable, cdp.Empty{}),
	order(dom.Disable, cdp.Empty{}),
}

// URL returns the address of the target's document.
func (s *session) URL() string { return s.url() }

// within returns life, ended by ctx as well. The driver keeps what it knows of a
// target in the target's own context, so that a step cannot just run in ctx.
func within(life, ctx context.Context) (context.Context, context.CancelFunc) {
	run, cancel := context.WithCancel(life)
	stop := context.AfterFunc(ctx, cancel)
	return run, func() { stop(); cancel() }
}

// step runs do with a context that carries the target and ends with ctx, the
// renderer or the browser. The error names the step and the document.
func (s *session) step(ctx context.Context, name string, do func(context.Context) error) error {
	run, cancel := within(s.alive, ctx)
	defer cancel()
	url := s.URL()
	if err := do(run); err != nil {
		return fmt.Errorf("%s on %s: %w", name, url, s.explain(ctx, err))
	}
	return nil
}

// explain names the reason behind an error of the driver.
func (s *session) explain(ctx context.Context, err error) error {
	switch ended := context.Cause(s.alive); {
	case err == nil:
		return nil
	case s.browser.gone():
		return probe.ErrBrowserGone
	case ended != nil && !errors.Is(ended, context.Canceled):
		return ended
	case errors.Is(err, chromedp.ErrTargetDetached):
		return s.gone
	case ctx.Err() == nil:
		return err
	case errors.Is(err, context.Canceled):
		return context.Cause(ctx) // err only says that the step was stopped
	}
	return fmt.Errorf("%w: %w", context.Cause(ctx), err)
}

// Eval runs JavaScript in the target's document.
func (s *session) Eval(ctx context.Context, js string, out any) error {
	return s.step(ctx, "evaluate "+brief(js), func(ctx context.Context) error {
		return evaluate(ctx, js, out)
	})
}

// evaluate runs js without a user gesture, awaits a promise, and decodes the
// result.
func evaluate(ctx context.Context, js string, out any) error {
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](js, chromedp.EvalAwaitPromise))
	if err != nil || out == nil {
		return err
	}
	if len(raw) == 0 {
		return errors.New("the result is undefined")
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("decode the result: %w", err)
	}
	return nil
}

// brief shortens a script for an error message.
func brief(js string) string {
	const limit = 120 // in bytes
	if len(js) > limit {
		js = js[:limit] + "…"
	}
	return fmt.Sprintf("%q", js)
}
