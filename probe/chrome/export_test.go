package chrome

import (
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"checkoutdoctor/probe"
)

// PID returns the browser's process.
func PID(b probe.Browser) int { return b.(*browser).process.cmd.Process.Pid }

// Dir returns the directory that is removed with the browser.
func Dir(b probe.Browser) string { return b.(*browser).dir.root }

// TempBase is where browsers' directories are made.
var TempBase = tempBase

// ShortURL is an address as it is shown.
var ShortURL = shortURL

// AwaitsBeside reports whether the next tab that nobody opened would be taken
// for one beside the page's own.
func AwaitsBeside(p probe.Page) bool {
	b := &p.(*page).besides
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.opening
}

// CloseTab closes the page's tab as its user could.
func CloseTab(p probe.Page) {
	tab := p.(*page).tab
	id := chromedp.FromContext(tab.ctx).Target.TargetID
	chromedp.CallBrowser(tab.browser.ctx, target.CloseTarget, target.CloseTargetParams{TargetID: id})
}
