// Package inventory says of every file that a payment page gets from the
// diagnostic what it is for, when it is loaded, and what it sends where. PCI DSS
// 4 asks for such an inventory of all scripts of a payment page, with their
// authorisation and integrity (requirements 6.4.3 and 11.6.1).
package inventory

import "path"

// File is the name of the inventory in the version's folder.
const File = "inventory.json"

// Inventory lists all files of one version.
type Inventory struct {
	Module string `json:"module"` // version of the diagnostic module
	Files  []Item `json:"files"`  // sorted by their paths; the inventory itself is left out
}

// Item is one file.
type Item struct {
	File      string     `json:"file"` // path below the version's folder
	Purpose   string     `json:"purpose"`
	Loaded    string     `json:"loaded"` // when, and by what
	Bytes     int        `json:"bytes"`
	Integrity string     `json:"integrity"` // as Subresource Integrity writes it
	Sends     []Transfer `json:"sends"`     // empty where it sends nothing but the requests for other files here
}

// Transfer is something that a file sends.
type Transfer struct {
	What string `json:"what"`
	To   string `json:"to"`
	When string `json:"when"`
}

// Description is what is known of a file whatever its content.
type Description struct {
	Purpose, Loaded string
	Sends           []Transfer
}

// Describe returns the description of the file of that path; false where there
// is none.
func Describe(file string) (Description, bool) {
	for _, d := range described {
		if matched, err := path.Match(d.pattern, file); err == nil && matched {
			return d.Description, true
		}
	}
	return Description{}, false
}

// When the files are loaded.
const (
	withPage  = "with the page, by its tag"
	onIntent  = "when the user points at the element or focuses it; at once with the attribute auto"
	onClick   = "when the user starts the diagnosis"
	onRepair  = "when the user has a repair made, by its own button"
	ifRefused = "where the page keeps the module out of itself"
	onSend    = "when the user has seen what is sent, and presses Send"
	onLink    = "by the page behind a diagnostic link, and by no payment page"
	byHelper  = "by the helper's own frame, on another site than the payment page"
	onNeed    = "when it is first to be shown"
)

// described are the files' descriptions, the first that fits.
var described = []struct {
	pattern string
	Description
}{
	{"checkout-doctor.js", Description{
		"the element <checkout-doctor>, the loader of the other files, and the recorder that a page may opt into", withPage, nil}},
	{"checkout-doctor.d.ts", Description{"the loader's types, for TypeScript and editors", "by no browser", nil}},
	{"types.d.ts", Description{"the types of what it takes and gives", "by no browser", nil}},
	{"core.js", Description{"shows the diagnosis", onIntent, nil}},
	{"run.js", Description{"starts the module, and measures the connection for it", onIntent, Sent()}},
	{"module.wasm", Description{"makes the diagnosis", onIntent, Sent()}},
	{"isolate.js", Description{"has the diagnosis made in a frame of the diagnostic's own origin", ifRefused, nil}},
	{"frame.html", Description{"the document of that frame", ifRefused, nil}},
	{"frame.js", Description{"what runs in that frame: starts the module there, and hands its report back", ifRefused, Sent()}},
	{"extras.js", Description{"what the diagnosis shows folded away: evidence, what was not checked, what engineers mend, and repairs", onIntent, Repaired()}},
	{"more.js", Description{"the checklist and the refund path", onNeed, nil}},
	{"support.js", Description{"hands the result to support: sent after a preview, by a code or as a file", onIntent, HandedOver()}},
	{"popup.html", Description{"the window that the check of pop-up windows opens and closes", onClick, nil}},
	{"popup.js", Description{"says hello to the page that opened that window", onClick, nil}},
	{"fresh.js", Description{"tells what the server has of the files that the page names, in a frame without its cookies and caches", onClick, []Transfer{
		{"requests for the files that the page names, without cookies", "the page's own server", onClick}}}},
	{"helper-cookies.js", Description{"sets two test cookies on the helper's site, which live for a minute", byHelper, nil}},
	{"helper-echo.js", Description{"tells the diagnostic which of them came back", byHelper, nil}},
	{"page.js", Description{"the page behind a diagnostic link", onLink, nil}},
	{"page.css", Description{"its look", onLink, nil}},
	{"locales/*.steps.json", Description{"one language's steps for each browser", onNeed, nil}},
	{"locales/*.page.json", Description{"one language's words of the page behind a link", onLink, nil}},
	{"locales/*.more.json", Description{"one language's words of the checklist and the refund path", onNeed, nil}},
	{"locales/*.support.json", Description{"one language's words for handing the result to support", onIntent, nil}},
	{"locales/*.json", Description{"one language's words", onIntent, nil}},
	{"engineers.json", Description{"what is said to those who mend a payment page or a network", onNeed, nil}},
}

// Sent lists what a diagnosis sends, and to whom. Before it is started nothing
// is sent but the requests for files.
func Sent() []Transfer {
	const started = "when the diagnosis is started: by a click, by the page's own call, or while it watches a challenge"
	return []Transfer{
		{"the name of the time zone; the address and the headers that every request has", "the vantage", started},
		{"random numbers, and test bytes to measure the connection", "the vantage's server", started},
		{"addresses that WebRTC shows, if the server offers STUN; they are compared with the request's, and not kept", "the vantage and its STUN server", started},
		{"random numbers; cookies of the helper's own that hold one", "the helper, if one is named", started},
		{"a made-up challenge without a card", "the canary, if one is named", started},
		{"requests without cookies and without data", "the issuer and the provider's origins, if the page names them", started},
		{"requests for the page's own files and for the control address that it names", "the page's own server", started},
	}
}

// Repaired lists what the repairs send that the page can make by itself. None is
// made without a click of the user's own.
func Repaired() []Transfer {
	return []Transfer{
		{"requests for the page's own files, past the cache", "the page's own server", onRepair},
		{"a POST to the address that the page names for clearing the site's cache", "the page's own server", onRepair},
	}
}

// HandedOver lists what is sent to support. Nothing of it is without a click of the
// user's own.
func HandedOver() []Transfer {
	return []Transfer{{"the report, without the parts that the user leaves out; in the page behind a signed link that link's query, too", "the address that the element names for reports, if it names one", onSend}}
}
