package chrome

import (
	"context"
	"errors"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"checkoutdoctor/probe"
)

// Screen is what the pages of this package can beside what every
// [probe.Page] can: they are looked at on several devices, and as a whole.
type Screen interface {
	probe.Page
	// Use shows the page on another device from now on. What the device leaves
	// empty stays as it is.
	Use(ctx context.Context, d probe.Device) error
	// Picture takes a PNG of the whole document, however far it scrolls, scale
	// times as large as the device's pixels have it. Above 0, at most 1.
	Picture(ctx context.Context, scale float64) ([]byte, error)
}

var _ Screen = (*page)(nil)

func (p *page) Use(ctx context.Context, d probe.Device) error {
	p.mu.Lock()
	p.options.Device = d
	p.mu.Unlock()
	return p.tab.step(ctx, "use another device", func(ctx context.Context) error { return run(ctx, deviceCommands(d)) })
}

func (p *page) Picture(ctx context.Context, scale float64) (png []byte, err error) {
	err = p.tab.step(ctx, "take a picture", func(ctx context.Context) error {
		layout, err := chromedp.Call(ctx, cdppage.GetLayoutMetrics, cdp.Empty{})
		if err != nil {
			return err
		}
		if layout.CSSContentSize == nil {
			return errors.New("the document has no size")
		}
		size := *layout.CSSContentSize
		// A document that fits is not taken beyond the viewport: of one that runs from
		// right to left Chromium would move it sideways.
		beyond := layout.CSSLayoutViewport == nil || size.Height > float64(layout.CSSLayoutViewport.ClientHeight)
		taken, err := chromedp.Call(ctx, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{
			CaptureBeyondViewport: &beyond, OptimizeForSpeed: new(true),
			Clip: &cdppage.Viewport{Width: size.Width, Height: size.Height, Scale: scale},
		})
		png = taken.Data
		return err
	})
	return png, err
}
