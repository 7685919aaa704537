// Package screens brings the page behind a link into every state that a user
// can see, in every language, and says what is wrong with what is then shown:
// by measuring in the browser, and by axe-core. It takes pictures of it too.
package screens

import (
	"context"
	_ "embed" // for the scripts
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web"
	"checkoutdoctor/web/link"
)

// stageScript is what brings the page into a state.
//
//go:embed stage.js
var stageScript string

// Studio serves the link's page: as it is, with an inbox, without what the loader
// loads, and to those only whose link is signed.
type Studio struct {
	reports string // folder of the recorded reports
	axe     string // source of axe-core
	whole   *httptest.Server
	inbox   *httptest.Server // whose page can send reports
	bare    *httptest.Server
	signed  *httptest.Server
	keys    link.Keys // of the signed links
	browser probe.Browser
}

// Open starts the page's servers and a browser, which last until Close. Root is
// the repository's folder: recorded reports and axe-core are taken from it.
func Open(ctx context.Context, root string) (*Studio, error) {
	axe, err := os.ReadFile(filepath.Join(root, "web", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		return nil, fmt.Errorf("read axe-core, which `make node` installs: %w", err)
	}
	site, err := web.Handler(web.Options{})
	if err != nil {
		return nil, err
	}
	receiving, err := web.Handler(web.Options{Inbox: emptied{}})
	if err != nil {
		return nil, err
	}
	keys, err := link.ParseKeys(link.NewKey())
	if err != nil {
		return nil, err
	}
	signed, err := web.Handler(web.Options{Links: &link.Verifier{Keys: keys}})
	if err != nil {
		return nil, err
	}
	browser, err := chrome.New(chrome.Options{}).Launch(ctx, probe.Profile{})
	if err != nil {
		return nil, err
	}
	return &Studio{
		reports: filepath.Join(root, "testdata", "facts"),
		axe:     string(axe),
		whole:   httptest.NewServer(site),
		inbox:   httptest.NewServer(receiving),
		bare:    httptest.NewServer(withoutCore(site)),
		signed:  httptest.NewServer(signed),
		keys:    keys,
		browser: browser,
	}, nil
}

// emptied is an inbox that has thrown away what it says it keeps.
type emptied struct{}

func (emptied) Keep(*report.Report, bool) (kept bool, err error) { return true, nil }

// withoutCore answers for a site whose page and loader come through alone, as
// where a filter keeps the rest back.
func withoutCore(site http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/core.js") {
			http.NotFound(w, r)
			return
		}
		site.ServeHTTP(w, r)
	})
}

// Close ends the servers and the browser.
func (s *Studio) Close() error {
	s.whole.Close()
	s.inbox.Close()
	s.bare.Close()
	s.signed.Close()
	return s.browser.Close()
}

// Page is the link's page in one state and language.
type Page struct {
	chrome.Screen
	studio   *Studio
	State    State
	Language string
	device   probe.Device
}

// NewPage opens a blank page in a browser context of its own.
func (s *Studio) NewPage(ctx context.Context, d probe.Device) (*Page, error) {
	page, err := s.browser.NewContext(ctx, probe.ContextOptions{Device: d})
	if err != nil {
		return nil, err
	}
	return &Page{Screen: page.(chrome.Screen), studio: s, device: d}, nil
}

// Show opens the link's page in the language (BCP 47) and brings it into the
// state. It returns when nothing changes any more, with an error where what is
// then shown is not what the state's name says.
func (p *Page) Show(ctx context.Context, language string, state State) error {
	p.State, p.Language = state, language
	if err := p.show(ctx); err != nil {
		return fmt.Errorf("show the state %s in %s: %w", state.Name, language, err)
	}
	return nil
}

func (p *Page) show(ctx context.Context) error {
	reports, err := p.studio.read(p.State.Reports)
	if err != nil {
		return err
	}
	url, err := p.studio.url(p.Language, p.State)
	if err != nil {
		return err
	}
	// The notes and the draft of a refund must not be found again in the next state.
	forget := `(() => { if (location.protocol === "http:") { localStorage.clear(); sessionStorage.clear(); return caches.keys().then((all) => Promise.all(all.map((name) => caches.delete(name)))) } })()`
	if err := p.Eval(ctx, forget, nil); err != nil {
		return err
	}
	if err := p.Open(ctx, url); err != nil {
		return err
	}
	if err := p.Until(ctx, p.State.ready()); err != nil {
		return err
	}
	words, err := p.words()
	if err != nil {
		return err
	}
	return p.Eval(ctx, fmt.Sprintf("(async () => {\nconst words = %s, reports = %s;\n%s\n%s;\nawait settled(() => %s)\n})()", words, reports, stageScript, p.State.script, p.State.sign), nil)
}

// words returns, as JSON, what is said in the page's language.
func (p *Page) words() ([]byte, error) {
	words, err := web.Locale(p.Language)
	if err != nil {
		return nil, err
	}
	return json.Marshal(words)
}

// url returns the address by which the page comes into the state.
func (s *Studio) url(language string, state State) (string, error) {
	switch {
	case state.Refused == link.Expired:
		return s.signedLink(language, -2)
	case state.Refused == link.NotYetValid:
		return s.signedLink(language, 1)
	case state.Refused != "":
		return s.signed.URL + "/?case=4711&lang=" + language, nil
	case state.Bare:
		return s.bare.URL + "/?lang=" + language, nil
	case state.Inbox:
		return s.inbox.URL + "/?lang=" + language, nil
	}
	return s.whole.URL + "/?lang=" + language, nil
}

// signedLink returns a link that begins so many days from now and ends a day later.
func (s *Studio) signedLink(language string, days int) (string, error) {
	from := time.Now().AddDate(0, 0, days)
	l := link.Link{Case: "4711", Language: language, From: from, Until: from.AddDate(0, 0, 1)}
	return link.Signer{Base: s.signed.URL, Keys: s.keys}.Sign(l)
}

// read returns the recorded reports as a JSON list, each as it would be today.
func (s *Studio) read(names []string) ([]byte, error) {
	list := make([]json.RawMessage, len(names))
	for i, name := range names {
		text, err := os.ReadFile(filepath.Join(s.reports, name+".json"))
		if err != nil {
			return nil, fmt.Errorf("read a recorded report: %w", err)
		}
		recorded, err := report.Decode(text)
		if err != nil {
			return nil, fmt.Errorf("read the recorded report %s: %w", name, err)
		}
		if list[i], err = report.Encode(report.Replay(recorded)); err != nil {
			return nil, err
		}
	}
	return json.Marshal(list)
}

// On shows the page on another device.
func (p *Page) On(ctx context.Context, d probe.Device) error {
	if err := p.Use(ctx, d); err != nil {
		return err
	}
	p.device = d
	return p.Eval(ctx, "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))", nil)
}
