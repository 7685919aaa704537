package probe

import (
	"context"
	"errors"
	"time"
)

// ErrNoBrowser says that no browser could be found or started; the wrapped
// message says what to install.
var ErrNoBrowser = errors.New("no usable browser")

// ErrBrowserGone says that the browser process ended while it was needed.
var ErrBrowserGone = errors.New("the browser is gone")

// ErrPageCrashed says that the page's renderer ended while it was needed.
var ErrPageCrashed = errors.New("the page crashed")

// A Profile is what a browser is started with. Scenarios with equal profiles
// share one browser process, each in a context of its own. The zero Profile is
// a fresh Chromium that keeps third-party cookies.
type Profile struct {
	// ThirdPartyCookies is "allow" (default) or "block".
	ThirdPartyCookies string `yaml:"thirdPartyCookies"`
	// Cookies is "allow" (default) or "block", which blocks all of them.
	Cookies string `yaml:"cookies"`
	// Extensions names real extensions built for the probe (see probe/fault),
	// loaded into the browser in this order.
	Extensions []string `yaml:"extensions"`
}

// ContextOptions is what one scenario's context needs beside the profile.
type ContextOptions struct {
	ProxyURL string // forward proxy of the context, such as http://127.0.0.1:4711; empty for none
	TimeZone string // IANA zone to emulate; empty for the machine's
	Locale   string // BCP 47 locale to emulate; empty for the machine's
}

// A Launcher starts browsers of one engine.
type Launcher interface {
	// Engine names engine and version, such as "Chromium 156.0", without
	// starting anything that stays. It returns ErrNoBrowser when there is none.
	Engine(ctx context.Context) (string, error)
	// Launch starts a browser with the profile. A profile that this engine or
	// flavour cannot give is an *UnsupportedError: the scenario is skipped,
	// never passed.
	Launch(ctx context.Context, p Profile) (Browser, error)
}

// An UnsupportedError says what a browser cannot do and why.
type UnsupportedError struct{ What, Why string }

func (e *UnsupportedError) Error() string { return e.What + " is not possible here: " + e.Why }

// A Browser is one running browser process.
type Browser interface {
	// NewContext opens an isolated context (cookies, cache and storage of its
	// own) with one blank page.
	NewContext(ctx context.Context, o ContextOptions) (Page, error)
	// Close ends the browser and removes its temporary profile.
	Close() error
}

// A Page is the first tab of a context, watched from its first moment.
type Page interface {
	// Open navigates and waits for the document's load event.
	Open(ctx context.Context, url string) error
	// Eval runs JavaScript in the page, awaits a promise, and decodes the
	// JSON of the result into out (nil: ignored). It is no user gesture.
	Eval(ctx context.Context, js string, out any) error
	// Until polls the JavaScript condition until it is truthy or ctx ends.
	// The error of a time-out names the condition.
	Until(ctx context.Context, js string) error
	// Click scrolls the element into view and clicks its middle with a real
	// mouse event, which is a user gesture.
	Click(ctx context.Context, css string) error
	// ClickAt clicks a point of the viewport, in CSS pixels, with a real mouse
	// event, which is a user gesture. It reaches what no selector can name,
	// such as a button in a shadow root.
	ClickAt(ctx context.Context, x, y float64) error
	// Hover moves the mouse to the element's middle.
	Hover(ctx context.Context, css string) error
	// Frames lists the cross-site frames there are now, by URL.
	Frames(ctx context.Context) ([]Frame, error)
	// SetOffline switches the page's network off or on, navigator.onLine included.
	SetOffline(ctx context.Context, offline bool) error
	// Screenshot takes a PNG of the viewport.
	Screenshot(ctx context.Context) ([]byte, error)
	// Truth returns what the browser itself said so far.
	Truth() Truth
	// Log returns console messages and network events so far, a line each.
	Log() Log
	// Close closes the context with every page and pop-up in it.
	Close() error
}

// A Frame is a cross-site frame of a page.
type Frame interface {
	URL() string
	// Eval is Page.Eval within the frame.
	Eval(ctx context.Context, js string, out any) error
}

// Truth is what the browser's own instruments say of a page and its frames,
// independently of what the diagnostic sees from within.
type Truth struct {
	Failures []Failure `json:"failures,omitempty"` // requests that failed, in order
	Issues   []Issue   `json:"issues,omitempty"`   // policy and cookie issues
	Frames   []string  `json:"frames,omitempty"`   // origins of documents that were committed in frames, in order
	Statuses []Status  `json:"statuses,omitempty"` // document responses of frames and of the page
	Popups   int       `json:"popups,omitempty"`   // windows that were opened
}

// Failure is one request that did not come through.
type Failure struct {
	Origin  string `json:"origin"`            // of the request's URL
	Type    string `json:"type"`              // Document, Script, Fetch, …
	Frame   bool   `json:"frame,omitempty"`   // the document of a frame
	Error   string `json:"error"`             // net::ERR_… as the browser words it
	Blocked string `json:"blocked,omitempty"` // the browser's reason where it blocked the request itself
	At      int64  `json:"at"`                // milliseconds since the page was opened
}

// Issue is one issue that the browser raised.
type Issue struct {
	Code      string `json:"code"`                // ContentSecurityPolicyIssue, CookieIssue, …
	Directive string `json:"directive,omitempty"` // of a policy issue
	Origin    string `json:"origin,omitempty"`    // what was blocked
}

// Status is the answer to one document request.
type Status struct {
	Origin string `json:"origin"`
	Code   int    `json:"code"`
	Frame  bool   `json:"frame,omitempty"`
	Worker bool   `json:"worker,omitempty"` // a service worker answered
}

// Log is the evidence that is written beside a failure.
type Log struct {
	Console []LogLine
	Network []LogLine
}

// LogLine is one event of a log.
type LogLine struct {
	At   time.Duration // since the page was opened
	Text string
}
