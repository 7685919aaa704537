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

// ErrCovered says that something else lies over the point of a frame that was
// to be clicked, so that the click would go there.
var ErrCovered = errors.New("something else lies over the frame there")

// A Profile is what a browser is started with. Scenarios with equal profiles
// share one browser process, each in a context of its own. The zero Profile is
// a fresh Chromium that keeps third-party cookies.
type Profile struct {
	// ThirdPartyCookies is "allow" (default) or "block".
	ThirdPartyCookies string `yaml:"thirdPartyCookies"`
	// Cookies is "allow" (default), "block", which blocks all of them, or
	// BlockSite, which blocks those of the payment page's site.
	Cookies string `yaml:"cookies"`
	// LocalNetwork is "allow" (default), or "deny": then the lab's sites count as
	// public ones, which are denied the permission to reach the local network.
	LocalNetwork string `yaml:"localNetwork"`
	// Extensions names real extensions built for the probe (see probe/fault),
	// loaded into the browser in this order.
	Extensions []string `yaml:"extensions"`
	// Zoom is how large pages are shown, in per cent; 0 (default) is 100.
	Zoom int `yaml:"zoom"`
	// Tunnel is the link that leads to the lab, one of [Tunnels]; empty (default)
	// for the loopback.
	Tunnel string `yaml:"tunnel"`
}

// BlockSite is the value of [Profile.Cookies] that blocks those of one site.
const BlockSite = "block-site"

// ContextOptions is what one scenario's context needs beside the profile.
type ContextOptions struct {
	ProxyURL  string // forward proxy of the context, such as http://127.0.0.1:4711; empty for none
	TimeZone  string // IANA zone to emulate; empty for the machine's
	Locale    string // BCP 47 locale to emulate; empty for the machine's
	UserAgent string // user agent to emulate, in header and script; empty for the browser's
	Device    Device // device to emulate
	// FullOrigin is the origin that gets no more than SmallQuota to store
	// anything in; empty for none.
	FullOrigin string
	// Downloads is the folder that files which the page saves go to, under the
	// names that it gives them. Empty means that none are saved.
	Downloads string
}

// SmallQuota is next to no room for an origin's storage, in bytes.
const SmallQuota = 1

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
	// OpenBeside opens the address in another tab of the context, waits for its
	// load event and turns back to this one. The tab stays until the page is
	// closed. It is none of the page's windows, and nothing is noted of it.
	OpenBeside(ctx context.Context, url string) error
	// Eval runs JavaScript in the page, awaits a promise, and decodes the
	// JSON of the result into out (nil: ignored). It is no user gesture.
	Eval(ctx context.Context, js string, out any) error
	// Until polls the JavaScript condition until it is truthy or ctx ends.
	// The error of a time-out names the condition.
	Until(ctx context.Context, js string) error
	// Click scrolls the element into view and clicks its middle with a real
	// mouse event, which is a user gesture; on a touch screen it taps. The
	// selector may lead into frames: see Within.
	Click(ctx context.Context, css string) error
	// ClickAt clicks a point of the viewport, in CSS pixels, with a real mouse
	// event, which is a user gesture. It reaches what no selector can name,
	// such as a button in a shadow root.
	ClickAt(ctx context.Context, x, y float64) error
	// Hover moves the mouse to the middle of the element, as for Click.
	Hover(ctx context.Context, css string) error
	// Back goes back in the tab's history, and waits for nothing. An error says
	// that there is nowhere to go.
	Back(ctx context.Context) error
	// Top returns the page's own document, as what it shows may be another
	// site's for a while.
	Top() Frame
	// Frames lists the cross-site frames there are now, at whatever depth. Their
	// own frames of the same site are part of them.
	Frames(ctx context.Context) ([]Frame, error)
	// Windows lists the windows that the page opened and that are still there.
	Windows(ctx context.Context) ([]Frame, error)
	// SetOffline switches the page's network off or on, and returns once
	// navigator.onLine says so.
	SetOffline(ctx context.Context, offline bool) error
	// SwitchTunnel switches a fault of the browser's tunnel on or off, which is in
	// every page's way then.
	SwitchTunnel(fault string, on bool) error
	// Screenshot takes a PNG of the viewport.
	Screenshot(ctx context.Context) ([]byte, error)
	// Truth returns what the browser itself said so far.
	Truth() Truth
	// Forget makes Truth tell of nothing but what comes from now on. What was
	// asked for before leaves no trace in it, also where it ends later.
	Forget()
	// Log returns console messages and network events so far, a line each.
	Log() Log
	// Close closes the context with every page and pop-up in it.
	Close() error
}

// A Frame is a cross-site frame of a page, a window that the page opened, or the
// page's own tab.
type Frame interface {
	URL() string
	// Eval is Page.Eval within the frame.
	Eval(ctx context.Context, js string, out any) error
	// Box returns where the frame stands in the page, as the browser's layout
	// has it. A window or tab stands nowhere: its error is errors.ErrUnsupported.
	Box(ctx context.Context) (Box, error)
	// ClickAt clicks a point of the frame's own viewport, in CSS pixels, times
	// in a row with a real mouse event, which is a user gesture. The page is
	// scrolled to it first. ErrCovered says that the click would go elsewhere;
	// then there is none.
	ClickAt(ctx context.Context, x, y float64, times int) error
	// Type types the text with real keys to what has the focus, wherever in the
	// window that is.
	Type(ctx context.Context, text string) error
}

// Box is the place of a frame in its page, in CSS pixels.
type Box struct {
	Width   float64 `json:"width"`             // 0 where the frame is not shown
	Height  float64 `json:"height"`            // 0 where the frame is not shown
	Covered bool    `json:"covered,omitempty"` // a click at the middle of its visible part goes elsewhere
}

// Truth is what the browser's own instruments say of a page, its frames and its
// windows, independently of what the diagnostic sees from within.
type Truth struct {
	Failures  []Failure         `json:"failures,omitempty"`  // requests that failed, in order
	Issues    []Issue           `json:"issues,omitempty"`    // policy and cookie issues
	Frames    []string          `json:"frames,omitempty"`    // origins of documents that were committed in frames, in order
	Statuses  []Status          `json:"statuses,omitempty"`  // document responses of frames, windows and the page
	Posts     []Post            `json:"posts,omitempty"`     // documents that were asked for by POST, answered or not
	Pending   []string          `json:"pending,omitempty"`   // origins of such documents that had neither come in full nor failed
	Removed   []Removal         `json:"removed,omitempty"`   // frames that something was posted into, and that were taken out of the page
	Downloads []string          `json:"downloads,omitempty"` // origins of documents that became a download
	Policies  map[string]string `json:"policies,omitempty"`  // headers that restrict the page, by their names in lower case
	Popups    int               `json:"popups,omitempty"`    // windows that were opened
	Cached    int               `json:"cached,omitempty"`    // requests that the browser's own cache answered, from before the page was opened
	Challenge *Box              `json:"challenge,omitempty"` // where the issuer's frame stood when the payment had ended
}

// Failure is one request that did not come through.
type Failure struct {
	Origin  string `json:"origin"`            // of the request's URL
	Type    string `json:"type"`              // Document, Script, Fetch, …
	Frame   bool   `json:"frame,omitempty"`   // the document of a frame
	Window  bool   `json:"window,omitempty"`  // the document of a window that the page opened
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

// SameSiteIssue is the code of an issue that a cookie stayed behind when another
// site posted the page to its own.
const SameSiteIssue = "SameSiteIssue"

// Status is the answer to one document request.
type Status struct {
	Origin string `json:"origin"`
	Code   int    `json:"code"`
	Frame  bool   `json:"frame,omitempty"`
	Window bool   `json:"window,omitempty"` // in a window that the page opened
	Worker bool   `json:"worker,omitempty"` // a service worker answered
	By     string `json:"by,omitempty"`     // origin that posted it, as in Post; empty for what was not posted
}

// Post is one document that was asked for by POST, as every step of 3-D Secure
// is. A redirect that repeats it is no further one.
type Post struct {
	Origin string `json:"origin"`
	By     string `json:"by"`            // origin of the page that posted it, "null" where it does not say: in a sandbox, or without referrer
	At     int64  `json:"at"`            // milliseconds since the page was opened
	Tab    bool   `json:"tab,omitempty"` // in the page's own place
}

// Removal is a frame that was taken out of the page.
type Removal struct {
	Origin string `json:"origin"` // of the document in it
	At     int64  `json:"at"`     // milliseconds since the page was opened
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
