package web

import (
	"fmt"
	"html"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"

	"checkoutdoctor/web/inventory"
)

// EmbedOptions says where a payment page finds the diagnostic.
type EmbedOptions struct {
	Base       string // URL under which the diagnostic is served, such as https://doctor.example
	Helper     string // origin of the cross-site helper; empty for none
	ReportTo   string // where the user may send the report: a URL, or a path of the page's own site; empty for nowhere
	Language   string // BCP 47; empty for the reader's own
	SelfHosted bool   // the page's own server has a copy of the files; what answers questions stays at Base
}

// OptionError says of one of the options what no page could use.
type OptionError struct {
	Option  string // "base", "helper", "report-to" or "lang"
	Problem string
}

// Error returns a single line.
func (e *OptionError) Error() string { return e.Option + ": " + e.Problem }

// Embedding is what a payment page needs in order to embed one version of the
// diagnostic.
type Embedding struct {
	Version   string // the folder's name: a hash of all that is in it
	Integrity string // of the loader
	Tag       string // the script's element, with the hash by which browsers check it
	Element   string // <checkout-doctor>, with the guide in it that is shown where no script runs
	Policy    []Directive
	Sent      []inventory.Transfer
}

// Directive is what a Content-Security-Policy needs in one of its directives,
// beside what it has there for the page itself.
type Directive struct {
	Name, Why string
	Sources   []string
}

// Embed returns how a payment page embeds the version that was built. It fails with
// an OptionError where no page could use an option.
func Embed(o EmbedOptions) (Embedding, error) {
	base, err := o.check()
	if err != nil {
		return Embedding{}, err
	}
	m, err := builtVersion()
	if err != nil {
		return Embedding{}, err
	}
	words, err := Locale(o.Language)
	if err != nil {
		return Embedding{}, err
	}
	sent := append(inventory.Sent(), inventory.Repaired()...)
	if o.ReportTo != "" {
		sent = append(sent, inventory.HandedOver()...)
	}
	folder := base + "/v/" + m.Hash + "/"
	if o.SelfHosted {
		folder = "/checkout-doctor/v/" + m.Hash + "/"
	}
	return Embedding{
		Version:   m.Hash,
		Integrity: m.Integrity,
		Tag: fmt.Sprintf(`<script type="module" src="%s" integrity="%s" crossorigin></script>`,
			html.EscapeString(folder+loaderFile), m.Integrity),
		Element: embedElement(o, base, words),
		Policy:  embedPolicy(o, base, folder),
		Sent:    sent,
	}, nil
}

// builtVersion returns the manifest of the version that was built.
func builtVersion() (manifest, error) {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		return manifest{}, fmt.Errorf("open the embedded files: %w", err)
	}
	return readManifest(built)
}

// VersionFiles returns the files of the version that was built, by their paths
// below its folder, as a server of its own would have them.
func VersionFiles() (fs.FS, error) {
	m, err := builtVersion()
	if err != nil {
		return nil, err
	}
	return fs.Sub(dist, path.Join("dist", "v", m.Hash))
}

// check returns the base without a slash at its end. It fails with an OptionError.
func (o EmbedOptions) check() (base string, err error) {
	if o.Base == "" {
		return "", &OptionError{"base", "the URL under which the diagnostic is served is needed, such as https://doctor.example"}
	}
	u, err := url.Parse(o.Base)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", &OptionError{"base", fmt.Sprintf("%q is no address that a page can embed from; want one such as https://doctor.example", o.Base)}
	}
	if helper, err := url.Parse(o.Helper); o.Helper != "" && (err != nil || helper.Host == "" || o.Helper != "https://"+helper.Host) {
		return "", &OptionError{"helper", fmt.Sprintf("%q is no origin; want one such as https://helper.example", o.Helper)}
	}
	if o.ReportTo != "" && !isReportTo(o.ReportTo) {
		return "", &OptionError{"report-to", fmt.Sprintf("%q is no address to send reports to; want one such as https://doctor.example/reports or /reports", o.ReportTo)}
	}
	if _, known := preferred(o.Language); o.Language != "" && !known {
		return "", &OptionError{"lang", fmt.Sprintf("there are no words in %q; want one of %s", o.Language, strings.Join(Languages(), ", "))}
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// isReportTo tells whether a browser can send reports to the address, and a policy
// can name its origin.
func isReportTo(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Fragment != "" {
		return false
	}
	if u.Scheme == "" && u.Host == "" {
		return strings.HasPrefix(u.Path, "/")
	}
	return (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// embedElement writes the element. What is in it is seen until the script runs,
// and where it never does: so it has to help by itself.
func embedElement(o EmbedOptions, base string, words Words) string {
	var b strings.Builder
	b.WriteString("<checkout-doctor")
	attribute := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, ` %s="%s"`, name, html.EscapeString(value))
		}
	}
	if o.Language != "" {
		attribute("lang", words.Language)
	}
	attribute("vantage", base+"/vantage")
	attribute("helper", o.Helper)
	if o.Helper != "" {
		attribute("canary", CanaryURL(o.Helper))
	}
	attribute("report-to", o.ReportTo)
	fmt.Fprintf(&b, ">\n  <p>%s</p>\n  <ul>\n", html.EscapeString(words.UI["knownToHelp"]))
	for _, fix := range words.guide() {
		fmt.Fprintf(&b, "    <li>%s</li>\n", html.EscapeString(fix.Title))
	}
	b.WriteString("  </ul>\n</checkout-doctor>")
	return b.String()
}

// embedPolicy lists what the diagnostic needs of the page's policy. It has no
// inline script or style, and no images, fonts and plug-ins.
func embedPolicy(o EmbedOptions, base, folder string) []Directive {
	server := originOf(base)
	files := folder
	if o.SelfHosted {
		files = "'self'"
	}
	helper := func(sources ...string) []string {
		if o.Helper == "" {
			return nil
		}
		return sources
	}
	connect := []string{"'self'", server, socketSource(server)}
	frames := []string{"'self'"}
	if !o.SelfHosted {
		frames = append(frames, folder+frameFile)
	}
	connect = append(connect, helper(o.Helper, socketSource(o.Helper))...)
	if reports := originOf(o.ReportTo); reports != "" && !slices.Contains(connect, reports) {
		connect = append(connect, reports)
	}
	list := []Directive{
		{"script-src", "the diagnostic's files, and WebAssembly", []string{files, "'wasm-unsafe-eval'"}},
		{"connect-src", "the page's own control and files; words, module, vantage, what is measured, and where reports are sent", connect},
		{"frame-src", "the page's own control, to see what storage outlives it; the isolated frame, if 'wasm-unsafe-eval' is not to be had; the helper and the canary", append(frames, helper(o.Helper)...)},
	}
	if o.Helper != "" {
		list = append(list, Directive{"form-action", "the canary, into which forms are posted as into an issuer's page", []string{o.Helper}})
	}
	return list
}

// originOf returns the origin of an address that was checked before; empty for one
// of the page's own site.
func originOf(address string) string {
	u, _ := url.Parse(address)
	if u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// socketSource returns the origin as a WebSocket's URL has it: a policy that lets a
// page ask an HTTPS origin lets it open no WebSocket there (CSP 3, 6.7.2.8).
func socketSource(origin string) string { return "ws" + strings.TrimPrefix(origin, "http") }

// String returns the directive as a policy has it.
func (d Directive) String() string { return d.Name + " " + strings.Join(d.Sources, " ") }
