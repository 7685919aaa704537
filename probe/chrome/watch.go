package chrome

import (
	"context"
	"sync"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/inspector"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"checkoutdoctor/probe"
)

// watcher stands between the driver and the browser's pipe. It attaches to
// every window and cross-site frame before the first request of its document,
// with sessions of its own that the driver never sees. The driver alone would
// come too late: a frame that goes on by itself, as the page of a 3DS Method
// does, is gone before anybody has attached to it.
type watcher struct {
	chromedp.Transport
	// page returns the page whose context it is, or nil.
	page func(cdp.BrowserContextID) *page

	mu       sync.Mutex
	lastID   int64
	sessions map[target.SessionID]*watched
}

// watched is a session of the watcher's own.
type watched struct {
	id     target.SessionID
	target target.ID
	page   *page // nil for a target that is in no page's context
	tab    bool  // it is the page's own tab
	beside bool  // it is of a tab beside it, of which nothing is noted
}

// autoAttach makes the browser attach to windows and frames, and hold them
// until they are told to go on.
var autoAttach = target.SetAutoAttachParams{
	AutoAttach:             true,
	WaitForDebuggerOnStart: true,
	Flatten:                new(true),
	Filter:                 target.Filter{{Type: "page"}, {Type: "iframe"}, {Exclude: true}},
}

func newWatcher(t chromedp.Transport, page func(cdp.BrowserContextID) *page) *watcher {
	const firstID = 1 << 30 // 31 bits are allowed, and the driver counts from 1
	return &watcher{Transport: t, page: page, lastID: firstID, sessions: make(map[target.SessionID]*watched)}
}

// Read reads the next message that is for the driver.
func (w *watcher) Read(ctx context.Context, message *cdproto.Message) error {
	for {
		if err := w.Transport.Read(ctx, message); err != nil {
			return err
		}
		if !w.take(message) {
			return nil
		}
		*message = cdproto.Message{}
	}
}

// take handles a message that is not for the driver, and reports whether it
// was one. It must not wait for the browser: nothing else reads the pipe.
func (w *watcher) take(m *cdproto.Message) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, own := w.sessions[m.SessionID]
	if !own && m.SessionID != "" {
		return false
	}
	if m.Method == "" {
		return own // answers to the watcher's commands are not waited for
	}
	event, err := cdproto.UnmarshalMessage(m, chromedp.DefaultUnmarshalOptions)
	if err != nil {
		return own // an event that is newer than the driver
	}
	switch event := event.(type) {
	case *target.EventAttachedToTarget:
		// The browser also says so of the sessions that the driver makes.
		if !own && !event.WaitingForDebugger {
			return false
		}
		w.attached(event, s)
		return true
	case *target.EventDetachedFromTarget:
		return w.detached(event.SessionID) || own
	}
	if own && s.page != nil {
		w.event(s, event)
	}
	return own
}

// attached starts to watch a target, within that of parent if there is one, and
// lets it go on. The browser handles the commands of a session in order, so that
// no answer has to be awaited.
func (w *watcher) attached(e *target.EventAttachedToTarget, parent *watched) {
	s := &watched{id: e.SessionID, target: e.TargetInfo.TargetID, page: w.page(e.TargetInfo.BrowserContextID)}
	w.sessions[s.id] = s
	var commands []command
	if s.page != nil {
		s.beside = s.page.besides.has(e.TargetInfo, parent != nil && parent.beside)
		s.tab = isWindow(e.TargetInfo) && !s.beside && s.page.record.window(cdp.FrameID(s.target))
		commands = []command{
			order(inspector.Enable, cdp.Empty{}),
			order(cdppage.Enable, cdppage.EnableParams{}),
			order(network.Enable, network.EnableParams{}),
			order(runtime.Enable, cdp.Empty{}),
			order(cdplog.Enable, cdp.Empty{}),
			order(audits.Enable, cdp.Empty{}),
			order(target.SetAutoAttach, autoAttach),
		}
		if !s.tab { // the driver tells the tab, and hears what is wrong with it
			commands = append(commands, s.page.emulation()...)
		}
	}
	w.send(s, append(commands, order(runtime.RunIfWaitingForDebugger, cdp.Empty{})))
}

// isWindow reports whether the target is a tab or a pop-up. A page that is
// rendered ahead of its time is none yet.
func isWindow(info *target.Info) bool { return info.Type == "page" && info.Subtype == "" }

// detached forgets a session, and reports whether it was one of the watcher's.
func (w *watcher) detached(id target.SessionID) bool {
	s, own := w.sessions[id]
	if own && s.page != nil {
		s.page.ended(s.target, errFrameGone)
	}
	delete(w.sessions, id)
	return own
}

// event handles an event of a watched target.
func (w *watcher) event(s *watched, event any) {
	switch event := event.(type) {
	case *inspector.EventTargetCrashed:
		s.page.ended(s.target, probe.ErrPageCrashed)
	case *cdppage.EventJavascriptDialogOpening:
		// A dialog stops its tab until somebody answers. Leaving is allowed,
		// everything else is declined.
		accept := event.Type == cdppage.DialogTypeBeforeunload
		w.send(s, []command{order(cdppage.HandleJavaScriptDialog, cdppage.HandleJavaScriptDialogParams{Accept: accept})})
	default:
		if !s.beside {
			s.page.record.listen(event)
		}
	}
}

// toFrames sends commands to the frames and pop-ups of the page.
func (w *watcher) toFrames(p *page, commands []command) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.sessions {
		if s.page == p && !s.tab {
			w.send(s, commands)
		}
	}
}

// send writes commands to the session, in order and without waiting: the
// reader of the pipe must not wait for its writer.
func (w *watcher) send(s *watched, commands []command) {
	messages := make([]cdproto.Message, len(commands))
	for i, c := range commands {
		w.lastID++
		messages[i] = cdproto.Message{ID: w.lastID, SessionID: s.id, Method: cdproto.MethodType(c.method), Params: c.raw()}
	}
	go func() {
		for i := range messages {
			if w.Transport.Write(context.Background(), &messages[i]) != nil {
				return // the browser is gone, as everybody else notices
			}
		}
	}()
}
