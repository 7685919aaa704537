package chrome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"checkoutdoctor/probe"
)

// page is the first tab of a context and everything that it opens. It
// implements [probe.Page].
type page struct {
	browser *browser
	id      cdp.BrowserContextID
	options probe.ContextOptions
	record  *record
	tab     *session
	release func()

	mu      sync.Mutex
	offline bool
	frames  map[target.ID]*session // those that were asked for, gone ones included
}

func newPage(b *browser, id cdp.BrowserContextID, o probe.ContextOptions) *page {
	p := &page{browser: b, id: id, options: o, record: newRecord(), frames: make(map[target.ID]*session)}
	p.tab = newTab(b, id, p.record.url)
	p.release = sync.OnceFunc(p.end)
	return p
}

// start opens the tab.
func (p *page) start(ctx context.Context) error {
	if err := p.tab.attach(ctx); err != nil {
		return err
	}
	return p.tab.step(ctx, "set time zone and locale", func(ctx context.Context) error {
		return run(ctx, p.emulation())
	})
}

// emulation returns the commands that every target of the page gets.
func (p *page) emulation() []command {
	p.mu.Lock()
	defer p.mu.Unlock()
	commands := append(timeZoneCommands(p.options.TimeZone), localeCommands(p.options.Locale)...)
	if p.offline {
		commands = append(commands, offlineCommands(true)...)
	}
	return commands
}

// ended says that a target is not there any more, or not alive, and why.
func (p *page) ended(id target.ID, why error) {
	if p.record.isTab(cdp.FrameID(id)) {
		p.tab.end(p.tab.gone)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if frame := p.frames[id]; frame != nil {
		frame.end(why)
	}
}

// Open navigates and waits for the document's load event.
func (p *page) Open(ctx context.Context, url string) error {
	p.record.start()
	return p.tab.step(ctx, "open "+shortURL(url), func(ctx context.Context) error {
		return chromedp.Do(ctx, chromedp.Navigate(url))
	})
}

// Eval runs JavaScript in the page.
func (p *page) Eval(ctx context.Context, js string, out any) error { return p.tab.Eval(ctx, js, out) }

// Until polls the JavaScript condition until it is truthy or ctx ends. A
// condition that throws is not true yet: the document may be on its way out.
func (p *page) Until(ctx context.Context, js string) error {
	condition := "(async () => !!(await (" + js + ")))()"
	return p.tab.step(ctx, "wait until "+brief(js), func(ctx context.Context) error {
		return poll(ctx, func() error {
			var holds bool
			if err := evaluate(ctx, condition, &holds); err != nil {
				return err
			}
			if !holds {
				return errNotYet
			}
			return nil
		})
	})
}

// errNotYet says that a condition does not hold yet.
var errNotYet = errors.New("not yet")

// poll calls try until it gives no error or ctx ends, and then returns what
// try said last.
func poll(ctx context.Context, try func() error) error {
	const pause = 25 * time.Millisecond
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	last := errNotYet
	for {
		err := try()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return last
		}
		last = err
		select {
		case <-ctx.Done():
			return last
		case <-ticker.C:
		}
	}
}

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

func click(ctx context.Context, at point) error {
	return chromedp.Do(ctx, moveTo(at), chromedp.MouseClickXY(at.X, at.Y))
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

// Frames lists the cross-site frames that there are now.
func (p *page) Frames(ctx context.Context) (frames []probe.Frame, err error) {
	err = p.tab.step(ctx, "list the frames", func(run context.Context) error {
		targets, err := chromedp.Targets(run)
		if err != nil {
			return err
		}
		for _, info := range targets {
			if info.Type == "iframe" && info.BrowserContextID == p.id {
				if s := p.frame(run, info); s != nil {
					frames = append(frames, s)
				}
			}
		}
		return run.Err()
	})
	return frames, err
}

// frame returns the session of the frame, or nil if it is gone already.
func (p *page) frame(ctx context.Context, info *target.Info) *session {
	p.mu.Lock()
	s := p.frames[info.TargetID]
	p.mu.Unlock()
	if s != nil && s.alive.Err() == nil {
		return s
	}
	url := func() string { return p.record.frameURL(cdp.FrameID(info.TargetID)) }
	s = newFrame(p.browser, info.TargetID, url)
	p.mu.Lock()
	p.frames[info.TargetID] = s // before it is attached, so that it hears of its end
	p.mu.Unlock()
	if s.attach(ctx) != nil {
		s.detach() // which ends it, so that it is not returned again
		return nil
	}
	return s
}

// SetOffline switches the network of the page and of all that it opened.
func (p *page) SetOffline(ctx context.Context, offline bool) error {
	p.mu.Lock()
	p.offline = offline
	p.mu.Unlock()
	commands := offlineCommands(offline)
	p.browser.watcher.toFrames(p, commands)
	return p.tab.step(ctx, fmt.Sprintf("set offline to %t", offline), func(ctx context.Context) error {
		return run(ctx, commands)
	})
}

// Screenshot takes a PNG of the viewport.
func (p *page) Screenshot(ctx context.Context) (png []byte, err error) {
	err = p.tab.step(ctx, "take a screenshot", func(ctx context.Context) error {
		png, err = chromedp.Run(ctx, chromedp.CaptureScreenshot())
		return err
	})
	return png, err
}

// Truth returns what the browser said so far.
func (p *page) Truth() probe.Truth { return p.record.truth() }

// Log returns what was logged so far.
func (p *page) Log() probe.Log { return p.record.log() }

// Close closes the context with everything in it.
func (p *page) Close() error {
	p.release()
	return nil
}

func (p *page) end() {
	p.browser.forget(p)
	// Disposing first closes every tab at once, without asking them. A browser
	// that does not answer is ended by who closes it.
	const limit = 5 * time.Second
	ctx, cancel := context.WithTimeout(p.browser.ctx, limit)
	defer cancel()
	_, _ = chromedp.CallBrowser(ctx, target.DisposeBrowserContext, target.DisposeBrowserContextParams{BrowserContextID: p.id})
	p.tab.detach()
	p.mu.Lock()
	frames := slices.Collect(maps.Values(p.frames))
	p.mu.Unlock()
	for _, frame := range frames {
		frame.detach()
	}
}
