package chrome

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/extensions"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"checkoutdoctor/probe"
)

// browser is one running process. It implements [probe.Browser].
type browser struct {
	process *process
	watcher *watcher
	dir     *dir
	way     Way
	ctx     context.Context // the driver's context of the browser; every tab's is derived from it
	release context.CancelFunc
	lost    <-chan struct{} // closed when the pipe to the process ends

	mu    sync.Mutex
	pages map[cdp.BrowserContextID]*page

	close func() error
}

// start starts the browser, which takes the directory and the way over. ctx
// limits the start alone.
func start(ctx context.Context, path string, args []string, d *dir, w Way) (*browser, error) {
	print, err := os.Create(d.output())
	if err != nil {
		return nil, errors.Join(err, d.remove(), w.Close())
	}
	defer print.Close()
	process, err := startProcess(path, args, environment(d), print, w)
	if err != nil {
		return nil, errors.Join(err, d.remove(), w.Close())
	}
	b := &browser{process: process, dir: d, way: w, pages: make(map[cdp.BrowserContextID]*page)}
	b.watcher = newWatcher(process.pipe, b.page)
	b.close = sync.OnceValue(b.end)

	quiet := func(string, ...any) {} // what the driver notes is about its own bookkeeping
	allocator, _ := chromedp.NewAllocatorContext(context.WithoutCancel(ctx), running{b.watcher})
	b.ctx, b.release = chromedp.NewContext(allocator, chromedp.WithBrowserOption(
		chromedp.WithBrowserLogf(quiet), chromedp.WithBrowserErrorf(quiet)))
	if err := b.connect(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// connect sends the first command. It binds the connection's life to its
// context, so it has no limit of its own; ctx ends the process instead.
func (b *browser) connect(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { b.process.cmd.Process.Kill() })
	defer stop()
	_, err := chromedp.CallBrowser(b.ctx, target.SetAutoAttach, autoAttach)
	if err == nil {
		b.lost = chromedp.FromContext(b.ctx).Browser.LostConnection
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	b.process.kill() // then it has said everything
	return fmt.Errorf("%w: it ended at once: %w: %s", probe.ErrNoBrowser, err, b.dir.printed())
}

// page returns the page whose context it is, or nil.
func (b *browser) page(id cdp.BrowserContextID) *page {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pages[id]
}

// loadExtensions loads what was written into the browser's directory. An
// extension is loaded for incognito too, because a scenario's context is one.
func (b *browser) loadExtensions(ctx context.Context, names []string) error {
	run, cancel := within(b.ctx, ctx)
	defer cancel()
	for _, name := range names {
		_, err := chromedp.CallBrowser(run, extensions.LoadUnpacked,
			extensions.LoadUnpackedParams{Path: b.dir.extension(name), EnableInIncognito: new(true)})
		if err != nil {
			return fmt.Errorf("load the extension %q: %w", name, b.explain(ctx, err))
		}
	}
	return nil
}

func (b *browser) openPages() []*page {
	b.mu.Lock()
	defer b.mu.Unlock()
	pages := make([]*page, 0, len(b.pages))
	for _, p := range b.pages {
		pages = append(pages, p)
	}
	return pages
}

// NewContext opens a context of its own with one blank page. ctx limits the
// opening alone.
func (b *browser) NewContext(ctx context.Context, o probe.ContextOptions) (probe.Page, error) {
	params := target.CreateBrowserContextParams{DisposeOnDetach: new(true)}
	if o.ProxyURL != "" {
		params.ProxyServer = o.ProxyURL
		// Without this rule, names of the loopback would go past the proxy.
		params.ProxyBypassList = "<-loopback>"
	}
	run, cancel := within(b.ctx, ctx)
	defer cancel()
	created, err := chromedp.CallBrowser(run, target.CreateBrowserContext, params)
	if err != nil {
		return nil, fmt.Errorf("create a browser context: %w", b.explain(ctx, err))
	}
	if o.Downloads != "" {
		_, err := chromedp.CallBrowser(run, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
			Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: created.BrowserContextID, DownloadPath: o.Downloads,
		})
		if err != nil {
			return nil, fmt.Errorf("let the page save files: %w", b.explain(ctx, err))
		}
	}
	p := newPage(b, created.BrowserContextID, o)
	b.mu.Lock()
	b.pages[p.id] = p
	b.mu.Unlock()
	if err := p.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open a blank page: %w", err), p.Close())
	}
	return p, nil
}

// forget takes the page out of those that get events.
func (b *browser) forget(p *page) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.pages, p.id)
}

// gone reports whether the process ended.
func (b *browser) gone() bool {
	select {
	case <-b.lost:
		return true
	default:
		return false
	}
}

// explain names the reason behind an error of the driver, which says
// "cancelled" of many things.
func (b *browser) explain(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case b.gone():
		return probe.ErrBrowserGone
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return err
}

// Close ends the browser and removes its directory and its way. It may be called again.
func (b *browser) Close() error { return b.close() }

func (b *browser) end() error {
	b.process.kill()
	b.process.pipe.Close()
	for _, p := range b.openPages() {
		p.release()
	}
	b.release()
	var errs []error
	if err := b.dir.remove(); err != nil {
		errs = append(errs, fmt.Errorf("remove the browser's directory: %w", err))
	}
	if err := b.way.Close(); err != nil {
		errs = append(errs, fmt.Errorf("take the browser's network away: %w", err))
	}
	return errors.Join(errs...)
}
