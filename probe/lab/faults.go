package lab

import (
	"fmt"
	"slices"
	"strings"

	"checkoutdoctor/wasm/diagnosis"
)

// Fault is a failure that the lab causes on purpose, for one payment page.
type Fault struct {
	Code  string         `json:"code"`  // stable, as in ?fault=CODE
	Title string         `json:"title"` // one line for people
	Gives diagnosis.Code `json:"gives"` // the cause that the diagnosis must find

	// needsHTTPS says why the fault cannot be had over plain HTTP; empty if it can.
	needsHTTPS string
}

// The codes of the faults.
const (
	acsFrameOptions     = "acs-frame-options"
	acsFrameAncestors   = "acs-frame-ancestors"
	acsDNS              = "acs-dns"
	acsHang             = "acs-hang"
	acsHTTP500          = "acs-http-500"
	acsNeedsCookie      = "acs-needs-cookie"
	pageCSPFrameSrc     = "page-csp-frame-src"
	frameSandboxNoForms = "frame-sandbox-no-forms"
	methodTimeout       = "method-timeout"
	notificationSilent  = "notification-silent"
	staleWorker         = "stale-worker"
	staleScript         = "stale-script"
	popupTooLate        = "popup-too-late"
	vantageElsewhere    = "vantage-elsewhere"
	vantageDown         = "vantage-down"
	helperDown          = "helper-down"
)

// Faults lists the faults that a payment page can be asked for, in the order
// in which they are shown.
func Faults() []Fault {
	return []Fault{
		{Code: acsFrameOptions, Title: "The issuer's page forbids framing with X-Frame-Options", Gives: "threeds.acs-frame-options"},
		{Code: acsFrameAncestors, Title: "The issuer's page forbids framing with frame-ancestors", Gives: "threeds.acs-frame-ancestors"},
		{Code: acsDNS, Title: "The issuer's host name does not resolve", Gives: "threeds.acs-unreachable"},
		{Code: acsHang, Title: "The issuer takes the challenge request and never answers", Gives: "threeds.acs-hang"},
		{Code: acsHTTP500, Title: "The issuer's challenge page answers with an error", Gives: "threeds.acs-no-sign-of-life"},
		{
			Code: acsNeedsCookie, Title: "The issuer's page insists on an unpartitioned third-party cookie", Gives: "threeds.acs-needs-cookie",
			needsHTTPS: "a SameSite=None cookie must be Secure",
		},
		{Code: pageCSPFrameSrc, Title: "The payment page's policy does not let it frame the issuer", Gives: "threeds.page-csp-frame-src"},
		{Code: frameSandboxNoForms, Title: "The challenge frame is sandboxed without allow-forms", Gives: "threeds.frame-sandbox"},
		{Code: methodTimeout, Title: "The issuer's 3DS Method page never calls back", Gives: "threeds.method-timeout"},
		{Code: notificationSilent, Title: "The notification page does not tell the payment page", Gives: "threeds.notification-silent"},
		{Code: staleWorker, Title: "A service worker serves the script of an old build", Gives: "cache.stale-worker"},
		{Code: staleScript, Title: "The HTTP cache holds the script of an old build", Gives: "cache.stale-script"},
		{Code: popupTooLate, Title: "The payment page opens its window when the click is long over", Gives: "popup.blocked"},
		{Code: vantageElsewhere, Title: "The public address is in another country than the time zone", Gives: "vpn.suspected"},
		{Code: vantageDown, Title: "The diagnostic's own vantage cannot be reached", Gives: "self.vantage-unreachable"},
		{Code: helperDown, Title: "The diagnostic's own helper site cannot be reached", Gives: "self.helper-unreachable"},
	}
}

// faultSet is what one payment page was asked for.
type faultSet []string

func (s faultSet) has(code string) bool { return slices.Contains(s, code) }

// parseFaults reads the value of ?fault=, codes separated by commas. The
// error names the code that is unknown, or cannot be had over plain HTTP.
func parseFaults(value string, plainHTTP bool) (faultSet, error) {
	var set faultSet
	for code := range strings.SplitSeq(value, ",") {
		if code == "" {
			continue
		}
		f, ok := findFault(code)
		if !ok {
			return nil, fmt.Errorf("unknown fault %q; known: %s", code, strings.Join(faultCodes(), ", "))
		}
		if plainHTTP && f.needsHTTPS != "" {
			return nil, fmt.Errorf("fault %s needs HTTPS: %s", code, f.needsHTTPS)
		}
		set = append(set, code)
	}
	return set, nil
}

func findFault(code string) (Fault, bool) {
	for _, f := range Faults() {
		if f.Code == code {
			return f, true
		}
	}
	return Fault{}, false
}

func faultCodes() []string {
	var codes []string
	for _, f := range Faults() {
		codes = append(codes, f.Code)
	}
	return codes
}
