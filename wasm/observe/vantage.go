//go:build js && wasm

package observe

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

var (
	// cookieFacts can be told by a vantage of the page's own origin alone.
	cookieFacts = []facts.Declared{facts.HeaderBytes, facts.HeaderCount}
	// vantageFacts are what the vantage's answers tell.
	vantageFacts = append([]facts.Declared{
		facts.AddressCountry, facts.AddressKind, facts.AddressFamily, facts.SegmentSize, facts.PathMTU, facts.TCPRoundTrip,
		facts.HTTPVersion, facts.ProxyHeaders, facts.TLSBy, facts.ClockSkew, facts.ClockConfirmed, facts.Candidates, facts.TimeZoneCountries,
		facts.CookieDated,
	}, cookieFacts...)
)

func vantageObserver() observer {
	return observer{
		name:  "vantage",
		limit: questionLimit + 3*time.Second,
		keys:  append([]facts.Declared{facts.TimeZone, facts.VantageReached}, vantageFacts...),
		run:   observeVantage,
	}
}

// observeVantage asks the server what it sees of our connection, for the
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
	question := `{"zone":"` + zone + `"` // a token needs no escaping: it has neither quotes nor backslashes
	page := b.ownOrigin()
	own := origin(b.vantage) == page
	answer, middle, err := b.askVantage(ctx, question+"}", "same-origin")
	counted := err == nil
	if !counted && own { // the cookies may be what its server refuses
		answer, middle, err = b.askVantage(ctx, question+"}", "omit")
	}
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
	putSeen(set, answer, from)
	putSkew(set, answer, middle, from)
	switch {
	case !own:
		notApplicable(set, facts.ReasonOtherOrigin, from, cookieFacts...)
	case !counted:
		unknown(set, facts.ReasonUnreachable, from, cookieFacts...)
	}
	set.PutList(facts.TimeZoneCountries, texts(answer, "zoneCountries"), from)
	b.observeDated(set, answer, from)
	b.beside(
		func() { b.observeCandidates(ctx, set, question, textOr(answer, "", "stun"), from) },
		func() { b.observeClock(ctx, set, page, from) },
	)
}

// putSeen takes over what the vantage saw of the connection. What it says
// nothing of, it does not know.
func putSeen(set *facts.Set, answer safejs.Value, from string) {
	for _, seen := range []struct {
		key  facts.StringKey
		name string
	}{
		{facts.AddressCountry, "country"},
		{facts.AddressKind, "kind"},
		{facts.AddressFamily, "family"},
		{facts.HTTPVersion, "httpVersion"},
		{facts.TLSBy, "tls"},
	} {
		putWord(set, seen.key, textOr(answer, "", seen.name), from)
	}
	for _, seen := range []struct {
		key               facts.IntKey
		name              string
		least, most, unit float64
	}{
		{facts.SegmentSize, "mss", 1, 1 << 16, 1},
		{facts.PathMTU, "pathMTU", 1, 1 << 16, 1},
		{facts.TCPRoundTrip, "rttMicros", 1, 60e6, 1000},
		{facts.HeaderBytes, "cookieBytes", 0, 1 << 30, 1},
		{facts.HeaderCount, "cookieCount", 0, 1 << 30, 1},
	} {
		putAmount(set, seen.key, answer, seen.name, seen.least, seen.most, seen.unit, from)
	}
	if _, known := at(answer, "proxyHeaders"); known {
		set.PutList(facts.ProxyHeaders, texts(answer, "proxyHeaders"), from)
	} else {
		unknown(set, facts.ReasonNotKnown, from, facts.ProxyHeaders)
	}
}

// putWord puts the word; an empty one says that it is not known.
func putWord(set *facts.Set, key facts.StringKey, word, from string) {
	if word != "" {
		set.PutString(key, word, from)
	} else {
		unknown(set, facts.ReasonNotKnown, from, key)
	}
}

// putAmount puts the number that stands under the name, in units of the key's,
// rounded. One out of its bounds says that it is not known.
func putAmount(set *facts.Set, key facts.IntKey, v safejs.Value, name string, least, most, unit float64, from string) {
	if n, ok := number(v, name); ok && n >= least && n <= most {
		set.PutInt(key, int64(math.Round(n/unit)), from)
	} else {
		unknown(set, facts.ReasonNotKnown, from, key)
	}
}

// putSkew compares the vantage's clock with ours in the middle of the request,
// in milliseconds since 1970: the answer is on its way for as long again.
func putSkew(set *facts.Set, answer safejs.Value, middle int64, from string) {
	if theirs, _ := number(answer, "time"); theirs > 0 && theirs < 1<<53 {
		set.PutInt(facts.ClockSkew, int64(math.Round((float64(middle)-theirs)/1000)), from)
	} else {
		unknown(set, facts.ReasonNotKnown, from, facts.ClockSkew)
	}
}

// clocksApart is how far a clock has to be from another for one of the two to be
// wrong, in seconds.
const clocksApart = 300

// observeClock asks the page's own server for the time where ours is not the
// vantage's: which of these two is wrong, neither can tell.
func (b *browser) observeClock(ctx context.Context, set *facts.Set, page, from string) {
	skew, known := set.Int(facts.ClockSkew)
	if known && max(skew, -skew) < clocksApart {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.ClockConfirmed)
		return
	}
	if known && page != "" && page != origin(b.vantage) {
		if told, ok := b.skewTo(ctx, page); ok {
			set.PutBool(facts.ClockConfirmed, max(told-skew, skew-told) <= clocksApart, from)
			return
		}
	}
	unknown(set, facts.ReasonNotKnown, from, facts.ClockConfirmed)
}

// skewTo compares the clock of the origin's server with ours, as facts.ClockSkew
// does. What a cache has kept since then is older by its age (RFC 9111, section
// 5.1).
func (b *browser) skewTo(ctx context.Context, server string) (seconds int64, told bool) {
	response, middle, err := b.timed(ctx, server+robots, "method", "HEAD", "mode", "same-origin", "cache", "no-store", "credentials", "omit")
	if err != nil {
		return 0, false
	}
	date, _ := at(b.window, "Date")
	parsed, _ := Call(date, "parse", header(response, "date"))
	theirs, ok := number(parsed)
	age, _ := strconv.Atoi(header(response, "age"))
	return (middle-int64(theirs))/1000 - int64(age), ok && theirs > 0
}

const (
	// candidatesLimit is how long WebRTC may look for its addresses, in
	// milliseconds.
	candidatesLimit = 1500
	// mostCandidates bounds how many of them the vantage is asked about.
	mostCandidates = 8
)

// observeCandidates has the vantage compare the addresses by which WebRTC goes
// out with that of our request. They go nowhere else.
func (b *browser) observeCandidates(ctx context.Context, set *facts.Set, question, stun, from string) {
	if stun == "" {
		unknown(set, facts.ReasonNotConfigured, from, facts.Candidates)
		return
	}
	found, err := b.measured(ctx, "candidates", stun, candidatesLimit)
	if _, some := at(found); err != nil || !some {
		unknown(set, facts.ReasonUnsupported, from, facts.Candidates)
		return
	}
	var addresses []string
	for _, address := range texts(found) {
		if len(addresses) < mostCandidates && address != "" && strings.Trim(address, "0123456789abcdefABCDEF.:") == "" {
			addresses = append(addresses, `"`+address+`"`)
		}
	}
	answer, _, err := b.askVantage(ctx, question+`,"candidates":[`+strings.Join(addresses, ",")+"]}", "omit")
	if err != nil {
		unknown(set, facts.ReasonUnreachable, from, facts.Candidates)
		return
	}
	putWord(set, facts.Candidates, textOr(answer, "", "candidates"), from)
}

// askVantage posts a text, which is text/plain and needs no preflight. Another
// origin gets no cookies, whatever the credentials. See timed for the middle.
func (b *browser) askVantage(ctx context.Context, question, credentials string) (answer safejs.Value, middle int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, questionLimit)
	defer cancel()
	response, middle, err := b.timed(ctx, b.vantage, "method", "POST", "cache", "no-store", "credentials", credentials, "body", question)
	if err != nil {
		return response, 0, err
	}
	if !is(response, "ok") {
		return response, 0, errors.New("the vantage answered with an error")
	}
	body, err := Call(response, "json")
	if err != nil {
		return body, 0, err
	}
	answer, err = b.await(ctx, body)
	return answer, middle, err
}

// timed fetches, and also returns when the middle of the request was by our
// clock, in milliseconds since 1970.
func (b *browser) timed(ctx context.Context, url string, options ...string) (response safejs.Value, middle int64, err error) {
	asked := time.Now().UnixMilli()
	response, err = b.fetch(ctx, url, options...)
	return response, (asked + time.Now().UnixMilli()) / 2, err
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
