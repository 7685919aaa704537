//go:build js && wasm

package observe

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/facts"
)

func networkObserver() observer {
	return observer{
		name:  "network",
		limit: 5 * time.Second,
		keys:  []facts.Declared{facts.Online, facts.ControlReached, facts.LocalNetwork, facts.ConnectSrcRefused},
		run:   observeNetwork,
	}
}

func observeNetwork(ctx context.Context, b *browser, set *facts.Set) {
	const from = "network"
	if online, ok := boolean(b.window, "navigator", "onLine"); ok {
		set.PutBool(facts.Online, online, from)
	}
	b.observeLocalNetwork(ctx, set, from)
	if b.control == "" {
		unknown(set, facts.ReasonNotConfigured, from, facts.ControlReached, facts.ConnectSrcRefused)
		return
	}
	nonce := RandomID()
	err := b.sendsBack(ctx, b.control, nonce, nonce)
	refused := err != nil && b.refuses(ctx, b.control)
	set.PutBool(facts.ConnectSrcRefused, refused, from)
	if refused {
		unknown(set, facts.ReasonRefused, from, facts.ControlReached)
		return
	}
	set.PutString(facts.ControlReached, outcome(err, answered), from)
}

var (
	// errNotServed says that a server answered that it has no such file.
	errNotServed = errors.New("the server has no such file")
	// errOtherAnswer says that not our server answered.
	errOtherAnswer = errors.New("somebody else answered")
)

// sendsBack asks our own server for a file that is made of the nonce. A blocker
// or a captive portal that answers in its place does not know what is wanted.
// The URL may have a query.
func (b *browser) sendsBack(ctx context.Context, url, nonce, want string) error {
	separator := "?"
	if strings.Contains(url, separator) {
		separator = "&"
	}
	response, err := b.fetch(ctx, url+separator+"nonce="+nonce, "cache", "no-store", "credentials", "omit")
	if err != nil {
		return err
	}
	if !is(response, "ok") {
		return errNotServed
	}
	body, err := Call(response, "text")
	if err != nil {
		return err
	}
	got, err := b.await(ctx, body)
	if err != nil {
		return err
	}
	if s, _ := text(got); s != want {
		return errOtherAnswer
	}
	return nil
}

// observeLocalNetwork asks for the permission to reach the local network.
// Chromium has one for all of it, and one for each part; the strictest counts.
func (b *browser) observeLocalNetwork(ctx context.Context, set *facts.Set, from string) {
	unknown(set, facts.ReasonUnsupported, from, facts.LocalNetwork)
	permissions, _ := at(b.window, "navigator", "permissions")
	for _, name := range []string{"local-network-access", "local-network", "loopback-network"} {
		asked, err := Call(permissions, "query", map[string]any{"name": name})
		if err != nil {
			return
		}
		status, err := b.await(ctx, asked)
		state := textOr(status, "", "state")
		if err != nil || set.Equals(facts.LocalNetwork, "prompt") && state == "granted" {
			continue
		}
		set.PutString(facts.LocalNetwork, state, from)
		if state == "denied" {
			return
		}
	}
}

var vantageFacts = []facts.Declared{facts.AddressCountry, facts.TimeZoneCountries, facts.CookieDated}

func vantageObserver() observer {
	return observer{
		name:  "vantage",
		limit: 5 * time.Second,
		keys:  append([]facts.Declared{facts.TimeZone, facts.VantageReached}, vantageFacts...),
		run:   observeVantage,
	}
}

// observeVantage asks the server for the country of our address, for the
// countries of our time zone, and for its time.
func observeVantage(ctx context.Context, b *browser, set *facts.Set) {
	const from = "vantage"
	zone := b.timeZone()
	if zone == "" {
		unknown(set, facts.ReasonUnsupported, from, facts.TimeZone)
	} else {
		set.PutString(facts.TimeZone, zone, from)
	}
	if b.vantage == "" {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.VantageReached)
		unknown(set, facts.ReasonNotConfigured, from, vantageFacts...)
		return
	}
	answer, err := b.askVantage(ctx, zone)
	switch {
	case err != nil && b.refuses(ctx, b.vantage):
		unknown(set, facts.ReasonRefused, from, append(vantageFacts, facts.VantageReached)...)
		return
	case err != nil:
		set.PutString(facts.VantageReached, outcome(err, answered), from)
		unknown(set, facts.ReasonUnreachable, from, vantageFacts...)
		return
	}
	set.PutString(facts.VantageReached, answered, from)
	if country, _ := text(answer, "country"); country != "" {
		set.PutString(facts.AddressCountry, country, from)
	} else {
		unknown(set, facts.ReasonNotKnown, from, facts.AddressCountry)
	}
	set.PutList(facts.TimeZoneCountries, texts(answer, "zoneCountries"), from)
	b.observeDated(set, answer, from)
}

// askVantage posts a text, which is text/plain and needs no preflight. The zone needs no
// escaping: a token has neither quotes nor backslashes.
func (b *browser) askVantage(ctx context.Context, zone string) (safejs.Value, error) {
	response, err := b.fetch(ctx, b.vantage, "method", "POST", "cache", "no-store", "credentials", "omit", "body", `{"zone":"`+zone+`"}`)
	if err != nil {
		return response, err
	}
	if !is(response, "ok") {
		return response, errors.New("the vantage answered with an error")
	}
	body, err := Call(response, "json")
	if err != nil {
		return body, err
	}
	return b.await(ctx, body)
}

// timeZone returns the zone's name, or "" where it is none that a report may
// carry.
func (b *browser) timeZone() string {
	format, ok := at(b.window, "Intl", "DateTimeFormat")
	if !ok {
		return ""
	}
	formatter, err := format.Invoke()
	if err != nil {
		return ""
	}
	options, err := Call(formatter, "resolvedOptions")
	if err != nil {
		return ""
	}
	zone, _ := text(options, "timeZone")
	var set facts.Set
	set.PutString(facts.TimeZone, zone, "")
	zone, _ = set.String(facts.TimeZone)
	return zone
}
