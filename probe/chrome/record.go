package chrome

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"

	"checkoutdoctor/probe"
)

// record is what the browser said of a page, its frames and its pop-ups, from
// the first moment.
type record struct {
	mu       sync.Mutex
	opened   time.Time
	requests map[network.RequestID]request
	asked    map[string]bool            // addresses, since the page was opened the last time
	windows  []cdp.FrameID              // main frames: the tab's first, then those of pop-ups
	frames   map[cdp.FrameID]*cdp.Frame // what each frame and window shows
	posted   map[cdp.FrameID]bool       // those into which something was posted
	said     probe.Truth
	issues   []issue
	written  probe.Log
}

// request is a request that was sent.
type request struct {
	method, url string // the method with a blank behind it, empty when the request was never sent
	kind        network.ResourceType
	place       place  // of a document
	by          string // origin that posted a document
	ended       bool   // it came in full, or failed
	anew        bool   // nothing had asked for the address since the page was opened
	cached      bool   // the browser's cache answered
}

// place is where a document is shown.
type place int

const (
	inTab    place = iota
	inFrame        // at whatever depth
	inWindow       // that the page opened
)

// placeOf returns the place of a frame's documents.
func (r *record) placeOf(id cdp.FrameID) place {
	switch slices.Index(r.windows, id) {
	case -1:
		return inFrame
	case 0:
		return inTab
	}
	return inWindow
}

// issue is an issue that the browser raised.
type issue struct {
	probe.Issue
	needsProof bool // only counts when a request to the origin failed as well
}

func newRecord() *record {
	return &record{
		opened:   time.Now(),
		requests: make(map[network.RequestID]request),
		asked:    make(map[string]bool),
		frames:   make(map[cdp.FrameID]*cdp.Frame),
		posted:   make(map[cdp.FrameID]bool),
	}
}

// start says that the page is about to be opened. From the first such moment
// times are counted.
func (r *record) start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.asked)
	if len(r.requests) == 0 {
		r.opened = time.Now()
	}
}

// now returns the milliseconds since the page was opened.
func (r *record) now() int64 { return time.Since(r.opened).Milliseconds() }

// window takes note of a window by its main frame, and reports whether it is
// the page's own tab. All others are pop-ups.
func (r *record) window(main cdp.FrameID) (tab bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.windows = append(r.windows, main)
	if len(r.windows) == 1 {
		return true
	}
	r.said.Popups++
	return false
}

// isTab reports whether it is the main frame of the page's own tab.
func (r *record) isTab(main cdp.FrameID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.windows) > 0 && r.windows[0] == main
}

// url returns the address of the tab's document.
func (r *record) url() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.windows) == 0 {
		return blank
	}
	return r.frameURLLocked(r.windows[0])
}

// parent returns the frame that holds the frame, or "".
func (r *record) parent(id cdp.FrameID) cdp.FrameID {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.frames[id]; f != nil {
		return f.ParentID
	}
	return ""
}

// frameURL returns the address of the frame's document.
func (r *record) frameURL(id cdp.FrameID) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.frameURLLocked(id)
}

func (r *record) frameURLLocked(id cdp.FrameID) string {
	f := r.frames[id]
	if f == nil {
		return blank
	}
	return shortURL(cmp.Or(f.UnreachableURL, f.URL))
}

// blank is the address of a document that nobody asked for.
const blank = "about:blank"

// listen takes note of an event of any target.
func (r *record) listen(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch event := event.(type) {
	case *cdppage.EventFrameStartedNavigating:
		r.navigates(event)
	case *network.EventRequestWillBeSent:
		r.sent(event)
	case *network.EventRequestWillBeSentExtraInfo:
		r.withheld(event)
	case *network.EventResponseReceivedExtraInfo:
		r.refused(event)
	case *network.EventResponseReceived:
		r.received(event)
	case *network.EventRequestServedFromCache:
		r.fromCache(event.RequestID)
	case *network.EventLoadingFinished:
		r.ended(event.RequestID)
	case *network.EventLoadingFailed:
		r.failed(event)
	case *cdppage.EventFrameNavigated:
		r.committed(event.Frame)
	case *cdppage.EventFrameDetached:
		r.detached(event)
	case *audits.EventIssueAdded:
		r.raised(event.Issue)
	case *runtime.EventConsoleAPICalled:
		r.console(string(event.Type), arguments(event.Args))
	case *runtime.EventExceptionThrown:
		r.console("exception", exception(event.ExceptionDetails))
	case *cdplog.EventEntryAdded:
		r.console(string(event.Entry.Level), strings.TrimSpace(event.Entry.Text+" "+shortURL(event.Entry.URL)))
	}
}

// navigates notes a document that is about to be asked for. The page's policy
// can block it before the request is sent. The loader's id is the request's.
func (r *record) navigates(e *cdppage.EventFrameStartedNavigating) {
	id := network.RequestID(e.LoaderID)
	if _, known := r.requests[id]; known {
		return
	}
	r.requests[id] = request{url: e.URL, kind: network.ResourceTypeDocument, place: r.placeOf(e.FrameID)}
}

func (r *record) sent(e *network.EventRequestWillBeSent) {
	before := r.requests[e.RequestID]
	if e.RedirectResponse != nil {
		r.answered(e.RequestID, e.RedirectResponse)
	}
	if isData(e.Request.URL) {
		return // is no request
	}
	q := request{method: e.Request.Method + " ", url: e.Request.URL, kind: e.Type, by: before.by, anew: !r.asked[e.Request.URL]}
	r.asked[q.url] = true
	if e.Type == network.ResourceTypeDocument {
		q.place = r.placeOf(e.FrameID)
		if e.RedirectResponse == nil && e.Request.Method == http.MethodPost {
			q.by, _ = e.Request.Headers["Origin"].(string)
			r.posted[e.FrameID] = true
			r.said.Posts = append(r.said.Posts, probe.Post{Origin: origin(q.url), By: q.by, At: r.now(), Tab: q.place == inTab})
		}
	}
	r.requests[e.RequestID] = q
}

func (r *record) received(e *network.EventResponseReceived) {
	if _, known := r.requests[e.RequestID]; known {
		r.answered(e.RequestID, e.Response)
	}
}

// answered notes the answer to a request.
func (r *record) answered(id network.RequestID, response *network.Response) {
	q := r.requests[id]
	r.network("%s %s%s -> %d", q.kind, q.method, shortURL(response.URL), response.Status)
	if response.FromDiskCache || response.FromPrefetchCache {
		r.fromCache(id)
	}
	if q.kind != network.ResourceTypeDocument || origin(response.URL) == "" {
		return
	}
	r.said.Statuses = append(r.said.Statuses, probe.Status{
		Origin: origin(response.URL),
		Code:   int(response.Status),
		Frame:  q.place == inFrame,
		Window: q.place == inWindow,
		Worker: response.FromServiceWorker,
		By:     q.by,
	})
	r.headers(q.place, response)
}

// fromCache notes that the browser's cache answers a request, in memory or on
// its disk. What the page itself has put there a moment ago is nothing to note.
func (r *record) fromCache(id network.RequestID) {
	q, known := r.requests[id]
	if !known || q.cached || !q.anew {
		return
	}
	q.cached = true
	r.requests[id] = q
	r.said.Cached++
}

// restricting are the headers with which a page restricts itself.
var restricting = []string{
	"content-security-policy", "cross-origin-embedder-policy", "cross-origin-opener-policy", "permissions-policy",
}

// headers notes what the headers of a document do beside its status.
func (r *record) headers(at place, response *network.Response) {
	for name, value := range response.Headers {
		name, text := strings.ToLower(name), fmt.Sprint(value)
		switch {
		case name == "content-disposition" && strings.HasPrefix(text, "attachment"):
			r.said.Downloads = append(r.said.Downloads, origin(response.URL))
		case at == inTab && slices.Contains(restricting, name):
			if r.said.Policies == nil {
				r.said.Policies = make(map[string]string)
			}
			r.said.Policies[name] = text
		}
	}
}

func (r *record) failed(e *network.EventLoadingFailed) {
	q, known := r.requests[e.RequestID]
	if !known {
		return
	}
	r.ended(e.RequestID)
	r.network("%s %s%s -> %s %s", q.kind, q.method, shortURL(q.url), e.ErrorText, e.BlockedReason)
	givenUp := e.Canceled && q.kind != network.ResourceTypeDocument // by the page itself
	if givenUp || origin(q.url) == "" {
		return
	}
	r.said.Failures = append(r.said.Failures, probe.Failure{
		Origin:  origin(q.url),
		Type:    string(cmp.Or(q.kind, e.Type)),
		Frame:   q.place == inFrame,
		Window:  q.place == inWindow,
		Error:   e.ErrorText,
		Blocked: string(e.BlockedReason),
		At:      r.now(),
	})
}

// ended notes that nothing more will come of a request.
func (r *record) ended(id network.RequestID) {
	if q, known := r.requests[id]; known {
		q.ended = true
		r.requests[id] = q
	}
}

// pending lists the documents of frames and windows that were asked for, and
// have neither come in full nor failed.
func (r *record) pending() []string {
	var list []string
	for _, q := range r.requests {
		if o := origin(q.url); q.kind == network.ResourceTypeDocument && q.place != inTab && q.method != "" && !q.ended && o != "" {
			list = append(list, o)
		}
	}
	slices.Sort(list)
	return list
}

// withheld notes cookies that were not sent. The browser raises no issue for a
// cookie that the user's preferences keep back, but it says so here. That one of
// SameSite=Lax stays behind is worth a note where the whole page is posted back.
func (r *record) withheld(e *network.EventRequestWillBeSentExtraInfo) {
	for _, c := range e.AssociatedCookies {
		for _, why := range c.BlockedReasons {
			switch {
			case why == network.CookieBlockedReasonUserPreferences:
				r.cookieIssue(e.RequestID, "CookieIssue", string(why))
			case strings.HasSuffix(string(why), "SameSiteLax") && r.isPage(e.RequestID):
				r.cookieIssue(e.RequestID, probe.SameSiteIssue, string(why))
			}
		}
	}
}

// isPage reports whether the request is for the page itself. This may be asked
// before the request is known to be sent.
func (r *record) isPage(id network.RequestID) bool {
	q := r.requests[id]
	return q.kind == network.ResourceTypeDocument && q.place == inTab
}

// refused notes cookies that an answer set in vain.
func (r *record) refused(e *network.EventResponseReceivedExtraInfo) {
	for _, c := range e.BlockedCookies {
		if len(c.BlockedReasons) > 0 {
			r.cookieIssue(e.RequestID, "CookieIssue", string(c.BlockedReasons[0]))
		}
	}
}

// cookieIssue notes why a host's cookies are blocked.
func (r *record) cookieIssue(id network.RequestID, code, why string) {
	found := issue{Issue: probe.Issue{Code: code, Directive: why, Origin: origin(r.requests[id].url)}}
	if found.Origin != "" {
		r.raise(found)
	}
}

// raise notes an issue, once.
func (r *record) raise(i issue) {
	if !slices.Contains(r.issues, i) {
		r.issues = append(r.issues, i)
	}
}

// committed notes the document of a frame or window. The page that the browser
// shows for an error is none of the frame's.
func (r *record) committed(f *cdp.Frame) {
	r.frames[f.ID] = f
	o := origin(f.URL)
	if o != "" && f.UnreachableURL == "" && !slices.Contains(r.windows, f.ID) {
		r.said.Frames = append(r.said.Frames, o)
	}
}

// detached notes a frame that was taken out of its page, and into which
// something was posted: others are none of 3-D Secure. One that another site takes
// over is still there.
func (r *record) detached(e *cdppage.EventFrameDetached) {
	f := r.frames[e.FrameID]
	if e.Reason != cdppage.FrameDetachedReasonRemove || f == nil {
		return
	}
	delete(r.frames, e.FrameID)
	if o := origin(cmp.Or(f.UnreachableURL, f.URL)); o != "" && r.posted[e.FrameID] {
		r.said.Removed = append(r.said.Removed, probe.Removal{Origin: o, At: r.now()})
	}
}

// raised notes an issue that says that something was blocked.
func (r *record) raised(i *audits.InspectorIssue) {
	found := issue{Issue: probe.Issue{Code: string(i.Code)}}
	switch d := i.Details; {
	case d.ContentSecurityPolicyIssueDetails != nil:
		csp := d.ContentSecurityPolicyIssueDetails
		if csp.IsReportOnly {
			return
		}
		found.Directive, found.Origin = csp.ViolatedDirective, origin(csp.BlockedURL)
		found.needsProof = found.Origin != "" // inline code and eval have no request
	case d.BlockedByResponseIssueDetails != nil:
		blocked := d.BlockedByResponseIssueDetails
		found.Directive, found.Origin = string(blocked.Reason), origin(blocked.Request.URL)
		found.needsProof = true
	case d.MixedContentIssueDetails != nil:
		found.Origin, found.needsProof = origin(d.MixedContentIssueDetails.InsecureURL), true
	default:
		return
	}
	r.raise(found)
}

// truth returns a copy of what was said. An issue about a request counts only
// when a request to that origin failed too: the browser also raises issues for
// what it did not block.
func (r *record) truth() probe.Truth {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.said
	t.Failures = slices.Clone(t.Failures)
	t.Frames = slices.Clone(t.Frames)
	t.Statuses = slices.Clone(t.Statuses)
	t.Posts = slices.Clone(t.Posts)
	t.Pending = r.pending()
	t.Removed = slices.Clone(t.Removed)
	t.Downloads = slices.Clone(t.Downloads)
	t.Policies = maps.Clone(t.Policies)
	for _, i := range r.issues {
		proof := slices.ContainsFunc(t.Failures, func(f probe.Failure) bool { return f.Origin == i.Origin })
		if proof || !i.needsProof {
			t.Issues = append(t.Issues, i.Issue)
		}
	}
	return t
}

// forget drops what was said. What is shown in frames and windows stays known;
// times still count from when the page was opened.
func (r *record) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said, r.issues = probe.Truth{}, nil
	clear(r.requests)
	clear(r.posted)
}

func (r *record) log() probe.Log {
	r.mu.Lock()
	defer r.mu.Unlock()
	return probe.Log{Console: slices.Clone(r.written.Console), Network: slices.Clone(r.written.Network)}
}

func (r *record) console(kind, text string) {
	r.written.Console = append(r.written.Console, probe.LogLine{At: time.Since(r.opened), Text: kind + ": " + text})
}

func (r *record) network(format string, args ...any) {
	text := strings.TrimSpace(fmt.Sprintf(format, args...))
	r.written.Network = append(r.written.Network, probe.LogLine{At: time.Since(r.opened), Text: text})
}

// arguments renders what was given to a console function: strings as they
// are, other values as JSON, and objects by their description.
func arguments(args []*runtime.RemoteObject) string {
	texts := make([]string, len(args))
	for i, a := range args {
		texts[i] = cmp.Or(string(a.Value), a.Description, string(a.Type))
		if a.Type == runtime.RemoteObjectTypeString {
			_ = json.Unmarshal(a.Value, &texts[i]) // else it stays as it is
		}
	}
	return strings.Join(texts, " ")
}

func exception(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}

// isData reports whether the address is a data: URL, which holds all of its
// document.
func isData(url string) bool { return len(url) >= 5 && strings.EqualFold(url[:5], "data:") }

// shortURL returns the address for people: of a data: URL, which may be as long
// as a picture, only the beginning. No other address is cut.
func shortURL(url string) string {
	const limit = 40 // in bytes: media type and encoding, and not much more
	if !isData(url) || len(url) <= limit {
		return url
	}
	return strings.ToValidUTF8(url[:limit], "") + "…"
}

// origin returns the origin of a web address, and "" for any other.
func origin(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
