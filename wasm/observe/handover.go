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
	Mode    string   // embed or link
	Case    string   // support's case number; empty for none
	Only    []string // names of the observers to run; empty for all
	Gesture bool     // the run started in a user's gesture

	control string // URL of the control endpoint
	assets  string // URL of the module's folder
	vantage string // URL of the vantage; empty for none
	helper  string // origin of the cross-site helper; empty for none

	acsURL       string
	compInd      string
	transStatus  string
	hostPopup    safejs.Value // {result, activation}, or nothing
	pageAssets   []string     // files of the page to compare with the server's
	frameWanted  bool         // the host page named a challenge frame, be it there or gone
	frame        safejs.Value // the challenge frame's element, or null
	frameNotes   safejs.Value // the recorder's tally for it, or null
	notes        []safejs.Value
	recording    bool
	popup        safejs.Value // promise of the pop-up check, or null
	challengeEnd bool         // the challenge frame reported its end
}

// ReadHandover reads the loader's object. What is missing or of another type
// counts as not configured.
func ReadHandover(v safejs.Value) *Handover {
	options, _ := at(v, "options")
	h := &Handover{recording: is(v, "recording"), Gesture: is(v, "gesture")}
	h.Mode = textOr(options, "embed", "mode")
	h.Case = textOr(options, "", "case")
	h.Only = texts(options, "only")
	h.control = textOr(v, "", "control")
	h.assets = textOr(v, "", "assets")
	h.vantage = textOr(options, "", "vantage")
	h.helper = webOrigin(textOr(options, "", "helper"))
	h.acsURL = webAddress(textOr(options, "", "threeDS", "acsURL"))
	h.compInd = textOr(options, "", "threeDS", "compInd")
	h.transStatus = textOr(options, "", "threeDS", "outcome", "transStatus")
	h.hostPopup, _ = at(options, "popup")
	h.pageAssets = texts(options, "page", "assets")
	h.frame, _ = at(v, "frame")
	h.frameNotes, _ = at(v, "frameNotes")
	h.notes = items(v, "notes")
	h.popup, _ = at(v, "popup")
	_, hasFrame := at(h.frame)
	_, hadFrame := at(h.frameNotes)
	h.frameWanted = hasFrame || hadFrame || h.acsURL != ""
	h.challengeEnd = is(h.frameNotes, "completed")
	return h
}

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
