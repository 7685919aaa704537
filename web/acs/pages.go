package acs

import (
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed assets
var assetFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// assetPaths returns where the pages' style and scripts are. Each is a route of its
// own: a route of their folder would list it, and redirect to it.
func assetPaths() []string {
	names, _ := fs.Glob(assetFiles, "assets/*") // an error means a malformed pattern
	for i := range names {
		names[i] = "/" + names[i]
	}
	return names
}

// assetHandler serves the pages' style and scripts: the pages have none inline.
func assetHandler() http.Handler {
	files := http.FileServerFS(assetFiles)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=3600")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		files.ServeHTTP(w, r)
	})
}

// policyHeader is the header of our policy, and perhaps of an interceptor's beside it.
const policyHeader = "Content-Security-Policy"

func policy(formAction string) string {
	return "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action " + formAction
}

// letFormGoTo changes our policy, which is the first, and no other.
func letFormGoTo(h http.Header, origin string) {
	h[policyHeader][0] = policy(origin)
}

// setPageHeaders sets the headers of a page whose form goes to formAction, a
// source of its policy. The pages may be framed by anyone: that is their use.
func setPageHeaders(h http.Header, formAction string) {
	h.Set(policyHeader, policy(formAction))
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex")
	h.Set("X-Content-Type-Options", "nosniff")
}

func render(w http.ResponseWriter, status int, page string, data any) {
	var body strings.Builder
	if err := pages.ExecuteTemplate(&body, page, data); err != nil {
		http.Error(w, "the page could not be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write([]byte(body.String())) // an error means that the browser has gone
}

// frame is what every page needs.
type frame struct {
	Assets string     // URL path of the folder of assets
	Window WindowSize // for which the page is laid out, "" if unknown
}

func (s *Server) frame(window WindowSize) frame { return frame{s.prefix + "/assets", window} }

func (s *Server) renderMessage(w http.ResponseWriter, status int, title, text string) {
	render(w, status, "message.html", struct {
		frame
		Title, Text string
	}{s.frame(""), title, text})
}

// autoPost is a form that script sends at once.
type autoPost struct {
	frame
	Title  string
	Action string
	Fields []field

	FromWithin bool // the page stands in a frame of the one that is to go there
}

type field struct{ Name, Value string }

func (s *Server) renderMethod(w http.ResponseWriter, data MethodData) {
	done, err := Wrap(MethodDone{data.ThreeDSServerTransID})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	render(w, http.StatusOK, "post.html", autoPost{
		frame: s.frame(""), Title: "3DS Method", Action: data.NotificationURL, Fields: []field{{"threeDSMethodData", done}},
	})
}

// renderNested shows a page whose frame has the form. It needs the
// transaction's lock.
func (s *Server) renderNested(w http.ResponseWriter, t *transaction) {
	w.Header()[policyHeader][0] += "; frame-src 'self'"
	render(w, http.StatusOK, "nested.html", struct {
		frame
		Form string
	}{s.frame(t.creq.ChallengeWindowSize), s.prefix + pathChallenge + t.acsID + pathForm})
}

// renderForm shows the form of an open challenge. It needs the transaction's lock.
func (s *Server) renderForm(w http.ResponseWriter, t *transaction, problem string) {
	a := t.areq
	scripts := t.decision.Scripts
	if t.decision.Automatic {
		scripts = append(slices.Clone(scripts), s.prefix+"/assets/answer.js")
	}
	render(w, http.StatusOK, "challenge.html", struct {
		frame
		Scripts                                       []string
		Action, Merchant, Amount, Card, Code, Problem string
	}{
		s.frame(t.creq.ChallengeWindowSize), scripts,
		s.prefix + pathChallenge + t.acsID + pathAnswer,
		a.MerchantName, amount(a.PurchaseAmount, a.PurchaseExponent, a.PurchaseCurrency),
		"•••• " + a.AcctNumber[len(a.AcctNumber)-4:], Code, problem,
	})
}

// renderFinal sends the browser back with the CRes. It needs the transaction's lock.
func (s *Server) renderFinal(w http.ResponseWriter, t *transaction) {
	wrap := Wrap
	if t.decision.PaddedCRes {
		wrap = WrapPadded
	}
	cres, err := wrap(t.cres)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fields := []field{{"cres", cres}}
	if t.sessionData != "" {
		fields = append(fields, field{"threeDSSessionData", t.sessionData})
	}
	letFormGoTo(w.Header(), originOf(t.areq.NotificationURL))
	render(w, http.StatusOK, "post.html", autoPost{
		frame: s.frame(t.creq.ChallengeWindowSize), Title: "Thank you", Action: t.areq.NotificationURL, Fields: fields,
		FromWithin: t.decision.Nested,
	})
}

// currencies are the ISO 4217 letters of the numbers that a stand-in meets.
var currencies = map[string]string{"840": "USD", "978": "EUR", "826": "GBP", "752": "SEK", "392": "JPY"}

// amount words an amount in minor units, such as ("12000", "2", "840") as "USD 120.00".
func amount(minor, exponent, currency string) string {
	places, err := strconv.Atoi(exponent)
	if err != nil {
		return minor
	}
	if missing := places + 1 - len(minor); missing > 0 {
		minor = strings.Repeat("0", missing) + minor
	}
	text := minor
	if places > 0 {
		text = minor[:len(minor)-places] + "." + minor[len(minor)-places:]
	}
	return strings.TrimSpace(currencies[currency] + " " + text)
}
