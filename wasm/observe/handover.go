//go:build js && wasm

package observe

import (
	"strings"

	"github.com/hack-pad/safejs"
)

// Handover is what the loader hands over for one run: what the host page
// configured, what the recorder noted, and the pop-up check that was spent in
// the click. The JavaScript values in it may be null.
type Handover struct {
	Mode    string   // embed, link or watch
	Case    string   // support's case number; empty for none
	Only    []string // names of the observers to run; empty for all
	Gesture bool     // the run started in a user's gesture

	isolated  string       // why the module runs in a frame of its own beside the page; empty where it runs in the page
	sandboxed safejs.Value // whether a sandbox keeps the page beside it from opening windows, or nothing

	control string // URL of the control endpoint
	assets  string // URL of the module's folder
	vantage string // URL of the vantage; empty for none
	helper  string // origin of the cross-site helper; empty for none

	canary string // URL of the canary, without a slash at its end; empty for none

	acsURL          string
	methodURL       string
	notificationURL string
	compInd         string
	windowSize      string
	outcome         safejs.Value // what the gateway said: transStatus and the like, or nothing
	timeLimit       float64      // of the challenge, in milliseconds
	hostPopup       safejs.Value // {result, activation, second}, or nothing
	pageAssets      []string     // files of the page to compare with the server's, as the page names them
	controlURL      string       // URL of the page's own origin that asks for the session; empty for none
	buildID         string       // the build that the page runs; empty where it does not say
	session         string       // whether the session's cookie came with the request for the page; empty where it does not say
	headerLimit     float64      // bytes of cookies that the page's server takes; 0 where it does not say
	providers       []string     // origins of the payment provider's scripts
	frameWanted     bool         // there is or was a challenge, or the host page named a frame for it
	frame           safejs.Value // the challenge frame's element, or null
	goneFrame       safejs.Value // that element where the recorder saw it go, or null
	frameNotes      safejs.Value // the recorder's tally for it, or null
	end             safejs.Value // how the challenge ended, or null
	ended           bool         // the challenge reported its end
	left            bool         // the page was left from within the challenge, and the user came back
	notes           []safejs.Value
	recording       bool
	popup           safejs.Value // promise of the pop-up check, or null
	measure         safejs.Value // functions that measure the connection, or null
}

// defaultTimeLimit is how long an interaction may take by the protocol, in
// milliseconds.
const defaultTimeLimit = 10 * 60 * 1000

// ReadHandover reads the loader's object. What is missing or of another type
// counts as not configured.
func ReadHandover(v safejs.Value) *Handover {
	options, _ := at(v, "options")
	threeDS, _ := at(options, "threeDS")
	h := &Handover{recording: is(v, "recording"), Gesture: is(v, "gesture")}
	h.Mode = textOr(options, "embed", "mode")
	h.Case = textOr(options, "", "case")
	h.Only = texts(options, "only")
	h.isolated = textOr(v, "", "isolated")
	h.sandboxed, _ = at(v, "sandboxed")
	h.control = textOr(v, "", "control")
	h.assets = textOr(v, "", "assets")
	h.vantage = textOr(options, "", "vantage")
	h.helper = webOrigin(textOr(options, "", "helper"))
	h.canary = strings.TrimSuffix(webAddress(textOr(options, "", "canary")), "/")
	h.acsURL = webAddress(textOr(threeDS, "", "acsURL"))
	h.methodURL = textOr(threeDS, "", "methodURL")
	h.notificationURL = textOr(threeDS, "", "notificationURL")
	h.compInd = textOr(threeDS, "", "compInd")
	h.windowSize = textOr(threeDS, "", "windowSize")
	h.outcome, _ = at(threeDS, "outcome")
	h.timeLimit = defaultTimeLimit
	if limit, ok := number(threeDS, "timeLimit"); ok && limit > 0 {
		h.timeLimit = limit
	}
	h.hostPopup, _ = at(options, "popup")
	h.pageAssets = texts(options, "page", "assets")
	h.providers = texts(options, "page", "providerOrigins")
	h.controlURL = ownURL(safejs.Global(), textOr(options, "", "page", "controlURL"))
	h.buildID = textOr(options, "", "page", "buildId")
	h.session = textOr(options, "", "page", "session")
	h.headerLimit, _ = number(options, "page", "headerLimit")
	h.frame, _ = at(v, "frame")
	h.goneFrame, _ = at(v, "goneFrame")
	h.frameNotes, _ = at(v, "frameNotes")
	h.end, h.ended = at(v, "end")
	h.left = is(v, "left")
	h.notes = items(v, "notes")
	h.popup, _ = at(v, "popup")
	h.measure, _ = at(v, "measure")
	_, hasFrame := at(h.frame)
	_, hadFrame := at(h.frameNotes)
	h.frameWanted = hasFrame || hadFrame || h.acsURL != "" || h.ended
	return h
}

// elsewhere reports whether the payment page is another page than the one that
// the module runs in, so that what only its own origin can tell is out of sight.
func (h *Handover) elsewhere() bool { return h.Mode == "link" || h.isolated != "" }

// webAddress returns the URL if it is an absolute one of a web site, and ""
// otherwise: anything else, javascript: included, must not be loaded.
func webAddress(url string) string {
	if webOrigin(url) == "" {
		return ""
	}
	return url
}

// webOrigin returns the origin of a web site's URL; "" where it is none.
func webOrigin(url string) string {
	if o := origin(url); strings.HasPrefix(o, "http") {
		return o
	}
	return ""
}

// ownURL returns the URL, which may be relative to the window's page, if it is
// one of that page's own origin, and "" otherwise.
func ownURL(window safejs.Value, url string) string {
	constructor, ok := at(safejs.Global(), "URL")
	if !ok || url == "" {
		return ""
	}
	here := textOr(window, "", "location", "origin")
	parsed, err := constructor.New(url, textOr(window, here, "document", "baseURI"))
	if err != nil || textOr(parsed, "", "origin") != here {
		return ""
	}
	return textOr(parsed, "", "href")
}

// sibling returns the URL of another file in the folder of the URL's, with the
// same query.
func sibling(url, name string) string {
	path, query, asked := strings.Cut(url, "?")
	if asked {
		query = "?" + query
	}
	return path[:strings.LastIndexByte(path, '/')+1] + name + query
}

func is(v safejs.Value, path ...string) bool {
	b, _ := boolean(v, path...)
	return b
}

func textOr(v safejs.Value, otherwise string, path ...string) string {
	if s, ok := text(v, path...); ok {
		return s
	}
	return otherwise
}
