package chrome

import (
	"context"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// besides are the tabs that were opened beside a page's own, with all that is in
// them and all that they open.
type besides struct {
	mu      sync.Mutex
	opening bool // one is about to come
	targets map[target.ID]bool
	tabs    []*session
}

// has takes note of a new target, and reports whether it is of a tab beside the
// page's own; within says that it stands in one.
func (b *besides) has(info *target.Info, within bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	asked := b.opening && isWindow(info) && info.OpenerID == ""
	if !within && !asked && !b.targets[info.OpenerID] {
		return false
	}
	b.opening = b.opening && !asked
	if b.targets == nil {
		b.targets = make(map[target.ID]bool)
	}
	b.targets[info.TargetID] = true
	return true
}

// known reports whether the target is of such a tab.
func (b *besides) known(id target.ID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.targets[id]
}

// expect says that the next tab that nobody else opened is such a one.
func (b *besides) expect(tab *session) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opening = true
	b.tabs = append(b.tabs, tab)
}

// gaveUp says that the expected tab does not come.
func (b *besides) gaveUp() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opening = false
}

func (b *besides) detach() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, tab := range b.tabs {
		tab.detach()
	}
}

// OpenBeside opens the address in another tab and turns back to the page's own.
func (p *page) OpenBeside(ctx context.Context, url string) error {
	tab := newTab(p.browser, p.id, func() string { return blank })
	p.besides.expect(tab)
	if err := tab.attach(ctx); err != nil {
		p.besides.gaveUp()
		return err
	}
	err := tab.step(ctx, "open "+shortURL(url)+" in a second tab", func(ctx context.Context) error {
		return chromedp.Do(ctx, chromedp.Navigate(url))
	})
	if err != nil {
		return err
	}
	return p.tab.step(ctx, "turn back", func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, cdppage.BringToFront, cdp.Empty{})
		return err
	})
}
