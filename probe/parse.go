package probe

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones are checked where no tzdata is installed too

	"checkoutdoctor/probe/hint"
	"checkoutdoctor/probe/strictyaml"
	"checkoutdoctor/web/vantage"
)

// Load reads every scenario file (*.yaml) below fsys, in the order of their
// names. Messages name a file as prefix and its path. The error joins a
// *strictyaml.Error for each file that is wrong.
func Load(fsys fs.FS, prefix string, known []Fault) ([]Scenario, error) {
	var all []Scenario
	var errs []error
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		scenarios, err := loadFrom(fsys, name, path.Join(prefix, name), known)
		if err != nil {
			errs = append(errs, err)
			return nil
		}
		all = append(all, scenarios...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the scenarios: %w", err)
	}
	return all, errors.Join(errs...)
}

func loadFrom(fsys fs.FS, name, shown string, known []Fault) ([]Scenario, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read the scenario %s: %w", shown, err)
	}
	defer f.Close()
	source, err := io.ReadAll(io.LimitReader(f, strictyaml.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the scenario %s: %w", shown, err)
	}
	return Parse(shown, source, known)
}

// Parse reads the scenarios of one file: one, or one for each of its variants.
// The file's name gives them their IDs; known are the faults that they may
// name. The error is a *strictyaml.Error.
func Parse(file string, source []byte, known []Fault) ([]Scenario, error) {
	var r strictyaml.Reader
	var all []Scenario
	if doc, ok := r.Document(source); ok {
		shared, list := versions(&r, doc)
		newParser(&r, file, known, "").keys(shared) // also those that every variant replaces
		for _, v := range list {
			p := newParser(&r, file, known, v.suffix)
			p.scenario(v)
			all = append(all, p.s)
		}
	}
	if err := r.Err(file); err != nil {
		return nil, err
	}
	return all, nil
}

// newParser begins a scenario of the file, with what is so where nothing is said.
func newParser(r *strictyaml.Reader, file string, known []Fault, suffix string) *scenarioParser {
	return &scenarioParser{
		Reader: r, known: known, before: r.Failures(),
		s: Scenario{
			ID: idOf(file) + suffix, File: file, Mode: Embed, Card: DefaultCard, Pay: true, Tabs: 1,
			Timeout: DefaultTimeout, Blocking: true,
			Profile: Profile{ThirdPartyCookies: "allow", Cookies: "allow", LocalNetwork: "allow"},
		},
	}
}

// idOf makes FAMILY/NAME of a file's path.
func idOf(file string) string {
	file = filepath.ToSlash(file)
	name := strings.TrimSuffix(path.Base(file), path.Ext(file))
	family := path.Base(path.Dir(file))
	if family == "." || family == "/" || family == ".." {
		family = "scenarios"
	}
	return family + "/" + name
}

// scenarioParser turns the YAML of one scenario into s.
type scenarioParser struct {
	*strictyaml.Reader
	known  []Fault
	before int // failures of the reader's before this scenario
	s      Scenario
	at     []strictyaml.Value // where each fault of s stands
}

// Clean reports that nothing was found wrong with this scenario so far. What is
// wrong with another variant must not hide its mistakes.
func (p *scenarioParser) Clean() bool { return p.Failures() == p.before }

// scenarioKeys are the keys of a scenario, and what a variant can have of its
// own.
var scenarioKeys = []string{
	"name", "tags", "mode", "card", "pay", "profile", "device", "userAgent", "tabs", "warm", "faults", "expect", "repair",
	"timeout", "blocking",
}

func (p *scenarioParser) scenario(v version) {
	o := v.Object
	for _, key := range []string{"name", "expect"} {
		if _, ok := o[key]; !ok {
			p.Fail(v.line, "%s is missing", key)
		}
	}
	p.keys(o)
	p.linkHasNoPayment(o)
	p.payMakesSense(o)
	p.tunnelMakesSense()
	p.repairMakesSense(o)
	p.faultsAreExpected()
}

// keys reads each key by itself.
func (p *scenarioParser) keys(o strictyaml.Object) {
	o.With("name", func(v strictyaml.Value) { p.s.Name, _ = v.Text() })
	o.With("tags", p.tags)
	o.With("mode", func(v strictyaml.Value) {
		if mode, ok := v.OneOf("mode", string(Embed), string(Link), string(Watch)); ok {
			p.s.Mode = Mode(mode)
		}
	})
	o.With("card", p.card)
	o.With("pay", func(v strictyaml.Value) {
		if pay, ok := v.Boolean(); ok {
			p.s.Pay = pay
		}
	})
	o.With("profile", p.profile)
	o.With("device", p.device)
	o.With("userAgent", p.userAgent)
	o.With("tabs", p.tabs)
	o.With("warm", func(v strictyaml.Value) { p.s.Warm, _ = v.Boolean() })
	o.With("faults", p.faults)
	p.s.Expect = Expectation{Only: true, Line: o.LineOr("expect", 1)}
	o.With("expect", p.expect)
	o.With("repair", p.repair)
	o.With("timeout", p.timeout)
	o.With("blocking", func(v strictyaml.Value) { p.s.Blocking, _ = v.Boolean() })
}

func (p *scenarioParser) tags(v strictyaml.Value) {
	for _, item := range v.List() {
		tag, ok := item.OneOf("tag", Tags()...)
		switch {
		case !ok:
		case slices.Contains(p.s.Tags, tag):
			item.Fail("%s: the tag %s is given twice", item.Path(), tag)
		default:
			p.s.Tags = append(p.s.Tags, tag)
		}
	}
}

// cardPattern: the last four digits choose version, method, ARes and challenge.
var cardPattern = regexp.MustCompile(`^[0-9]{9,15}[1-3][01][0-7][01]$`)

func (p *scenarioParser) card(v strictyaml.Value) {
	card, ok := v.TextLike("digits in quotes")
	if ok && !cardPattern.MatchString(card) {
		v.Fail("card: %s is no card of the lab: want 13 to 19 digits, the last four choosing version 1-3, method 0-1, answer 0-7, challenge 0-1",
			hint.Shorten(card))
		return
	}
	p.s.Card = card
}

func (p *scenarioParser) profile(v strictyaml.Value) {
	o, ok := v.Object("thirdPartyCookies", "cookies", "localNetwork", "popups", "extensions", "timeZone", "country", "addressKind", "locale", "zoom", "tunnel")
	if !ok {
		return
	}
	for _, setting := range []struct {
		key    string
		values []string
		to     *string
	}{
		{"thirdPartyCookies", []string{"allow", "block"}, &p.s.Profile.ThirdPartyCookies},
		{"cookies", []string{"allow", "block", BlockSite}, &p.s.Profile.Cookies},
		{"localNetwork", []string{"allow", "deny"}, &p.s.Profile.LocalNetwork},
	} {
		o.With(setting.key, func(v strictyaml.Value) {
			if s, ok := v.OneOf("value", setting.values...); ok {
				*setting.to = s
			}
		})
	}
	// The browser's own rule, that a window needs a gesture, is all there is: no
	// setting refuses one within. A fault does, by an extension.
	o.With("popups", func(v strictyaml.Value) { v.OneOf("value", "allow") })
	o.With("extensions", p.extensions)
	o.With("timeZone", p.timeZone)
	o.With("country", p.country)
	o.With("addressKind", p.addressKind)
	o.With("locale", p.locale)
	o.With("zoom", func(v strictyaml.Value) { p.s.Profile.Zoom, _ = v.Integer(MinZoom, MaxZoom) })
	o.With("tunnel", func(v strictyaml.Value) { p.s.Profile.Tunnel, _ = v.OneOf("tunnel", Tunnels()...) })
}

func (p *scenarioParser) extensions(v strictyaml.Value) {
	var names []string
	for _, f := range p.known {
		if f.Extension != "" {
			names = append(names, f.Extension)
		}
	}
	for _, item := range v.List() {
		if name, ok := item.OneOf("extension", names...); ok {
			p.addExtension(item, name)
		}
	}
}

func (p *scenarioParser) addExtension(v strictyaml.Value, name string) {
	if slices.Contains(p.s.Profile.Extensions, name) {
		v.Fail("%s: the extension %s is given twice", v.Path(), name)
		return
	}
	p.s.Profile.Extensions = append(p.s.Profile.Extensions, name)
}

func (p *scenarioParser) timeZone(v strictyaml.Value) {
	zone, ok := v.Text()
	if !ok {
		return
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		v.Fail("%s: unknown time zone %s; want an IANA name such as Europe/Stockholm", v.Path(), hint.Shorten(zone))
		return
	}
	p.s.TimeZone = zone
}

var countryPattern = regexp.MustCompile(`^[A-Z]{2}$`)

func (p *scenarioParser) country(v strictyaml.Value) {
	country, ok := v.Text()
	switch {
	case !ok:
	case !countryPattern.MatchString(country):
		v.Fail("%s: %s is no country; want an ISO 3166 code such as SE", v.Path(), hint.Shorten(country))
	default:
		p.s.Country = country
	}
}

// addressKind reads the kind of network that the user's address is of.
func (p *scenarioParser) addressKind(v strictyaml.Value) {
	kind, _ := v.OneOf("kind of network", texts([]vantage.Kind{vantage.Hosting, vantage.VPN, vantage.Relay, vantage.Mobile, vantage.Other})...)
	p.s.AddressKind = vantage.Kind(kind)
}

// localePattern follows BCP 47 as far as browsers' locales need it.
var localePattern = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

func (p *scenarioParser) locale(v strictyaml.Value) {
	locale, ok := v.Text()
	if ok && !localePattern.MatchString(locale) {
		v.Fail("%s: %s is no locale; want a BCP 47 name such as sv-SE", v.Path(), hint.Shorten(locale))
		return
	}
	p.s.Locale = locale
}

// userAgentPattern is what can stand in the header. Those of real browsers have
// some hundred characters, also within apps.
var userAgentPattern = regexp.MustCompile(`^[\x20-\x7E]{1,512}$`)

func (p *scenarioParser) userAgent(v strictyaml.Value) {
	agent, ok := v.Text()
	if ok && !userAgentPattern.MatchString(agent) {
		v.Fail("userAgent: %q is no user agent; want at most 512 printable ASCII characters", hint.Shorten(agent))
		return
	}
	p.s.UserAgent = agent
}

func (p *scenarioParser) timeout(v strictyaml.Value) {
	text, ok := v.TextLike("a duration such as 20s")
	if !ok {
		return
	}
	limit, err := time.ParseDuration(text)
	switch {
	case err != nil:
		v.Fail("timeout: %s is no duration; want a number and a unit, such as 20s", hint.Shorten(text))
	case limit < MinTimeout || limit > MaxTimeout:
		v.Fail("timeout: %s is out of range; want %s to %s", text, MinTimeout, MaxTimeout)
	default:
		p.s.Timeout = limit
	}
}

// linkHasNoPayment finds what makes no sense on the page of a link, where
// nothing is paid and no challenge is opened.
func (p *scenarioParser) linkHasNoPayment(o strictyaml.Object) {
	if p.s.Mode != Link {
		return
	}
	for _, key := range []string{"card", "pay"} {
		if f, ok := o[key]; ok {
			p.Fail(f.KeyLine, "%s: in link mode nothing is paid", key)
		}
	}
	if p.s.Expect.Paid != nil {
		p.Fail(p.s.Expect.Line, "expect.paid: in link mode nothing is paid")
	}
	for i, f := range p.s.Faults {
		if f.Place != InBrowser && !f.Everywhere || f.User != AnswersAtOnce {
			p.at[i].Fail("faults: the %s fault %s needs mode embed: a link's page opens no checkout", f.Place, f.Code)
		}
	}
}

// payMakesSense finds what needs a payment where none is tried.
func (p *scenarioParser) payMakesSense(o strictyaml.Object) {
	if p.s.Pay || p.s.Mode == Link {
		return
	}
	if p.s.Mode == Watch {
		p.Fail(o["pay"].KeyLine, "pay: in watch mode there is a payment to watch")
	}
	if p.s.Expect.Paid != nil {
		p.Fail(p.s.Expect.Line, "expect.paid: with pay: false nothing is paid")
	}
	for i, f := range p.s.Faults {
		if f.User != AnswersAtOnce {
			p.at[i].Fail("%s: with pay: false there is no challenge for the fault %s", p.at[i].Path(), f.Code)
		}
	}
}
