package probe

import (
	"path"
	"slices"
	"strings"
	"time"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/web/vantage"
)

// Mode is where the diagnostic runs in a scenario.
type Mode string

// The modes.
const (
	Embed Mode = "embed" // in the payment page, after a payment was tried
	Link  Mode = "link"  // on the page that support sends a link to
	Watch Mode = "watch" // in the payment page, which has opted in to being watched: nobody asks
)

// DefaultCard is a card whose issuer asks for a challenge that succeeds, after
// a 3DS Method that works.
const DefaultCard = "4000000000002140"

// The limits of a scenario's time.
const (
	DefaultTimeout = 30 * time.Second
	MinTimeout     = 5 * time.Second
	MaxTimeout     = 10 * time.Minute
)

// inPage reports whether the mode's page is a payment page.
func (m Mode) inPage() bool { return m != Link }

// A Scenario is one failure, or one healthy payment, and what the diagnostic
// must say of it.
type Scenario struct {
	ID       string   // FAMILY/NAME: the file's folder, and its name without extension; of a variant FAMILY/NAME-VARIANT
	File     string   // as it was given, for messages
	Name     string   // one line for people
	Tags     []string // in the file's order, each one of Tags()
	Mode     Mode
	Card     string // digits; the last four choose the flow
	Pay      bool   // a payment is tried before the diagnostic is asked; without meaning in link mode
	Profile  Profile
	TimeZone string // IANA zone to emulate; empty for the machine's
	Country  string // ISO 3166 code of the public address's country; empty for none
	// AddressKind is the kind of network that the public address is of; empty
	// where that is not known.
	AddressKind vantage.Kind
	Locale      string // BCP 47 locale to emulate; empty for the machine's
	UserAgent   string // user agent to emulate; empty for the browser's
	Device      Device // to emulate
	Tabs        int    // of the browser that have the page open; all but one had it open before. 0 is 1
	Warm        bool   // the page was visited before in the same browser
	Faults      []Fault
	Expect      Expectation
	Repair      Repair        // what is then done about it; empty for nothing
	Timeout     time.Duration // of the whole scenario, evidence included
	Blocking    bool          // false: a failure is shown, and does not fail the run
}

// Family is the folder of the scenario's file.
func (s *Scenario) Family() string { return path.Dir(s.ID) }

// Base is the name of the scenario's file without extension.
func (s *Scenario) Base() string { return path.Base(s.ID) }

// offline reports whether one of the faults is that the network goes away.
func (s *Scenario) offline() bool {
	return slices.ContainsFunc(s.Faults, func(f Fault) bool { return f.Offline })
}

// flaps reports whether one of the faults is that the network goes away and
// comes back.
func (s *Scenario) flaps() bool {
	return slices.ContainsFunc(s.Faults, func(f Fault) bool { return f.Flaps })
}

// codes returns the codes of the scenario's faults of one place.
func (s *Scenario) codes(place Place) []string {
	var codes []string
	for _, f := range s.Faults {
		if f.Place == place {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

// faultCodes returns the codes of all of the scenario's faults, which may be none.
func (s *Scenario) faultCodes() []string {
	codes := []string{}
	for _, f := range s.Faults {
		codes = append(codes, f.Code)
	}
	return codes
}

// labFaults returns the codes that the lab is asked for.
func (s *Scenario) labFaults() []string {
	codes := s.codes(InLab)
	if s.Mode == Watch && !slices.Contains(codes, watchedPage) {
		codes = append(codes, watchedPage)
	}
	return codes
}

// watchedPage is the lab's variant of a payment page that opted in to watching.
const watchedPage = "watched"

// quota reports whether one of the faults is that the page's origin may store
// next to nothing.
func (s *Scenario) quota() bool {
	return slices.ContainsFunc(s.Faults, func(f Fault) bool { return f.Quota })
}

// user returns how the user treats the challenge.
func (s *Scenario) user() User {
	for _, f := range s.Faults {
		if f.User != AnswersAtOnce {
			return f.User
		}
	}
	return AnswersAtOnce
}

// userAgent returns the user agent to emulate: the scenario's own, or that of a
// fault.
func (s *Scenario) userAgent() string {
	for _, f := range s.Faults {
		if f.UserAgent != "" {
			return f.UserAgent
		}
	}
	return s.UserAgent
}

// An Expectation is what the diagnostic must say. Expectations are codes,
// never prose.
type Expectation struct {
	Verdict  diagnosis.Verdict `json:"verdict"`
	Findings []ExpectedFinding `json:"findings"`
	// NotChecked are causes that the report must say it could not decide.
	NotChecked []diagnosis.Code `json:"notChecked,omitempty"`
	// Only says that no other blocking or degrading finding may appear.
	Only bool `json:"only"`
	// Signals are those of a VPN that must be seen, all and no others, in any
	// order; nil where it does not matter.
	Signals []string `json:"signals,omitzero"`
	// Paid is the payment page's end state; nil where it does not matter.
	Paid *bool `json:"paid,omitempty"`
	// Line is where the expectation stands in its file, from 1.
	Line int `json:"line"`
}

// An ExpectedFinding is a cause that must be found.
type ExpectedFinding struct {
	Code       diagnosis.Code       `json:"code"`
	Confidence diagnosis.Confidence `json:"confidence,omitempty"` // empty: any
	Severity   diagnosis.Severity   `json:"severity,omitempty"`   // empty: any
	Variant    string               `json:"variant,omitempty"`    // which form of the cause; empty: any
}

// String words the expectation for people, such as
// "threeds.acs-hang, blocking, and nothing else".
func (e Expectation) String() string {
	parts := make([]string, 0, len(e.Findings)+1)
	for _, f := range e.Findings {
		parts = append(parts, f.String())
	}
	if len(parts) == 0 {
		parts = append(parts, "no finding")
	}
	text := strings.Join(parts, " + ") + " (" + string(e.Verdict) + paidText(e.Paid) + ")"
	if e.Only && len(e.Findings) > 0 {
		text += ", and nothing else"
	}
	if e.Signals != nil && len(e.Signals) == 0 {
		return text + "; no signal of a VPN"
	}
	return text + signalsText(e.Signals)
}

// signalsText names the signals of a VPN, if there are any.
func signalsText(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; signals " + strings.Join(names, " + ")
}

// String names the cause, and what must be so of it.
func (f ExpectedFinding) String() string {
	return commaJoin(string(f.Code), string(f.Severity), string(f.Confidence), f.Variant)
}

func commaJoin(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

func paidText(paid *bool) string {
	if paid == nil {
		return ""
	}
	return ", " + paidWord(*paid)
}

func paidWord(paid bool) string {
	if paid {
		return "paid"
	}
	return "failed"
}

// Place says where a fault is caused.
type Place string

// The places of faults, which are the keys of a fault in a scenario file.
const (
	InLab     Place = "lab"     // a server of the reference checkout misbehaves
	InNetwork Place = "network" // the context's forward proxy does
	InBrowser Place = "browser" // the browser does, by an extension or by hand
	InTunnel  Place = "tunnel"  // the link that the profile's browser has to itself does
)

// User is how the user treats the issuer's challenge.
type User string

// What users do with a challenge. Answering at once is done by script within
// the issuer's page, and so works whether or not a person could get there.
const (
	AnswersAtOnce User = ""
	Away          User = "away"      // never answers
	Clicks        User = "clicks"    // answers with mouse and keys alone
	LeavesOpen    User = "left-open" // asks the diagnostic before answering
)

// A Fault is a failure that can be caused on purpose, or a harmless variant.
type Fault struct {
	Place Place
	Code  string
	Title string
	// Gives is the cause that the fault must lead to; empty for none.
	Gives diagnosis.Code
	// Extension is the extension that causes a fault in the browser.
	Extension string
	// UserAgent is the user agent with which the browser goes about.
	UserAgent string
	// User is how the user treats the challenge.
	User User
	// Offline says that the page's network goes away once the diagnostic is
	// loaded, before the payment.
	Offline bool
	// Flaps says that the page's network goes away and comes back, twice, while
	// the diagnostic runs.
	Flaps bool
	// Everywhere says that a fault on the way to the servers concerns every host,
	// so that a link's page shows it too.
	Everywhere bool
	// Quota says that the browser gives the page's origin no room to store
	// anything.
	Quota bool
}

// A Device is what a page is shown on, as it is emulated. The zero Device is
// the browser as it is.
type Device struct {
	Width, Height int     // of the viewport, in CSS pixels; both or none
	Scale         float64 // physical pixels for each of them; 0 for the browser's own
	Mobile        bool    // a phone or tablet: the page's own viewport counts, and scrollbars take no room
	Touch         bool    // a touch screen: touch events, and pointers that are coarse
	ColorScheme   string  // "light" or "dark"; empty for the browser's own
	ReducedMotion bool    // the user wants as little motion as possible
	CPU           float64 // how many times slower the processor is; 0 for as it is
}

// The limits of an emulated device, and of a profile's zoom in per cent.
const (
	MinViewport, MaxViewport = 200, 4000
	MinScale, MaxScale       = 0.5, 5
	MinCPU, MaxCPU           = 1, 20
	MinZoom, MaxZoom         = 25, 500
	// MaxTabs is how many tabs can have the page open.
	MaxTabs = 4
)

// Repair is what is done about a failure that was found: a fix that the
// diagnostic does itself, in the page, by what its element calls it, or one that
// the user does.
type Repair string

// The repairs.
const (
	ResetLink     Repair = "reset-link"      // follows the link that resets the page's caches
	RepairFile    Repair = "repair-file"     // fetches the page's files anew
	RemoveWorker  Repair = "remove-worker"   // takes the page's service worker away
	ClearSiteData Repair = "clear-site-data" // has the site's server tell the browser to clear its cache
	VPNOff        Repair = "vpn-off"         // the user: ends the network's fault, and asks the diagnostic again on the same page
	Reconnect     Repair = "reconnect"       // the user: has the browser online again, and asks in the same way
)

// byUser reports whether it is the user who does it, on the page as it is.
func (r Repair) byUser() bool { return r == VPNOff || r == Reconnect }

// ends reports whether the fault is over by what the user does.
func (r Repair) ends(f Fault) bool {
	return r == VPNOff && f.Place == InNetwork || r == Reconnect && f.Offline
}

// Tunnels lists the values of [Profile.Tunnel].
func Tunnels() []string {
	return []string{"ethernet", "wireguard-1420", "wireguard-1280", "mobile", "satellite", "satellite-twice", "pppoe", "ipv6"}
}

// Tags returns the tags that a scenario can have: families, who can mend the
// fault, and the modes that are not the usual one.
func Tags() []string {
	return []string{
		"healthy", "popup", "blocker", "cookie", "storage", "cache", "network", "vpn", "environment", "threeds", "payment", "self", "watch",
		"advertiser", "merchant", "issuer", "link", "watch",
	}
}
