package chrome

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
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
	besides besides
	release func()

	mu      sync.Mutex
	offline bool
	frames  map[target.ID]*frame // frames and windows that were asked for, gone ones included
}

func newPage(b *browser, id cdp.BrowserContextID, o probe.ContextOptions) *page {
	p := &page{browser: b, id: id, options: o, record: newRecord(), frames: make(map[target.ID]*frame)}
	p.tab = newTab(b, id, p.record.url)
	p.release = sync.OnceFunc(p.end)
	return p
}

// start opens the tab.
func (p *page) start(ctx context.Context) error {
	if err := p.tab.attach(ctx); err != nil {
		return err
	}
	return p.tab.step(ctx, "set time zone, locale, user agent and device", func(ctx context.Context) error {
		return run(ctx, append(p.emulation(), quotaCommands(p.options.FullOrigin)...))
	})
}

// emulation returns the commands that every target of the page gets.
func (p *page) emulation() []command {
	p.mu.Lock()
	defer p.mu.Unlock()
	commands := slices.Concat(
		timeZoneCommands(p.options.TimeZone), localeCommands(p.options.Locale),
		identityCommands(p.options.UserAgent, p.options.Locale), deviceCommands(p.options.Device),
	)
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

// Back goes back in the tab's history.
func (p *page) Back(ctx context.Context) error {
	return p.tab.step(ctx, "go back", func(ctx context.Context) error {
		history, err := chromedp.Call(ctx, cdppage.GetNavigationHistory, cdp.Empty{})
		if err != nil {
			return err
		}
		before := history.CurrentIndex - 1
		if before < 0 || before >= int64(len(history.Entries)) {
			return errors.New("there is nothing before it")
		}
		_, err = chromedp.Call(ctx, cdppage.NavigateToHistoryEntry,
			cdppage.NavigateToHistoryEntryParams{EntryID: history.Entries[before].ID})
		return err
	})
}

// SetOffline switches the network of the page and of all that it opened, and
// waits until the page has noticed.
func (p *page) SetOffline(ctx context.Context, offline bool) error {
	p.mu.Lock()
	p.offline = offline
	p.mu.Unlock()
	commands := offlineCommands(offline)
	p.browser.watcher.toFrames(p, commands)
	return p.tab.step(ctx, fmt.Sprintf("set offline to %t", offline), func(ctx context.Context) error {
		if err := run(ctx, commands); err != nil {
			return err
		}
		return poll(ctx, func() error { return setOnLine(ctx, !offline) })
	})
}

// setOnLine changes navigator.onLine, and gives errNotYet where that did not
// last until it was looked at: a pop-up window that moves on to a process of its
// own at that moment takes it back.
func setOnLine(ctx context.Context, onLine bool) error {
	if err := run(ctx, onLineCommands(!onLine)); err != nil {
		return err
	}
	var now bool
	if err := evaluate(ctx, "navigator.onLine", &now); err != nil {
		return err
	}
	if now != onLine {
		return errNotYet
	}
	return nil
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

// Forget begins what the browser says anew.
func (p *page) Forget() { p.record.forget() }

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
	p.besides.detach()
}
