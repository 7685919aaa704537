//go:build js && wasm

package observe

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

// providerFacts are what is said of the payment provider.
var providerFacts = []facts.Declared{facts.ProviderReached, facts.ProviderOrigin, facts.ProviderSibling}

const (
	// questionLimit is how long one question over the network may take.
	questionLimit = 5 * time.Second
	// socketLimit is how long a WebSocket may take, in milliseconds; where round
	// trips are long, up to three times that.
	socketLimit = 3000
	// mostProviders bounds how many of the provider's origins are asked.
	mostProviders = 4
)

func networkObserver() observer {
	return observer{
		name:  "network",
		limit: 2*questionLimit + time.Second, // the control, and the page's own origin after it
		keys: append([]facts.Declared{
			facts.Online, facts.OfflineEvents, facts.ControlReached, facts.ControlSocket, facts.PageOrigin, facts.HelperSocket,
			facts.LocalNetwork, facts.ConnectSrcRefused,
		}, providerFacts...),
		run: observeNetwork,
	}
}

func observeNetwork(ctx context.Context, b *browser, set *facts.Set) {
	const from = "network"
	// What the browser says of it now may no longer be what it said at the click.
	if online, ok := boolean(b.measure, "online"); ok {
		set.PutBool(facts.Online, online, from)
	} else {
		unknown(set, facts.ReasonUnsupported, from, facts.Online)
	}
	b.countOffline(set)
	b.beside(
		func() { b.observeLocalNetwork(ctx, set, from) },
		func() { b.observeControlled(ctx, set, from) },
		func() { b.observeSocket(ctx, set, facts.ControlSocket, b.control, from) },
		func() { b.observeSocket(ctx, set, facts.HelperSocket, b.helper+"/", from) },
		func() { b.observeProviders(ctx, set, from) },
	)
	if b.isolated != "" { // the page's policy is another than the one that was met
		unknown(set, facts.ReasonOtherOrigin, from, facts.ConnectSrcRefused)
	}
}

// countOffline counts how often the browser went offline until now.
func (b *browser) countOffline(set *facts.Set) {
	const from = "network"
	times, _ := Call(b.measure, "offlineEvents")
	if n, ok := number(times); ok {
		set.PutInt(facts.OfflineEvents, int64(n), from)
	} else {
		unknown(set, facts.ReasonUnsupported, from, facts.OfflineEvents)
	}
}

// observeControlled asks for the control and, where that does not come, for
// anything of the page's own origin: that tells an outage of ours from one of the
// network.
func (b *browser) observeControlled(ctx context.Context, set *facts.Set, from string) {
	if b.control == "" {
		unknown(set, facts.ReasonNotConfigured, from, facts.ControlReached, facts.ConnectSrcRefused, facts.PageOrigin)
		return
	}
	err := b.reachControl(ctx)
	refused := err != nil && b.refuses(ctx, b.control)
	set.PutBool(facts.ConnectSrcRefused, refused, from)
	if refused {
		unknown(set, facts.ReasonRefused, from, facts.ControlReached, facts.PageOrigin)
		return
	}
	said := outcome(err, answered)
	if errors.Is(err, errOtherAnswer) {
		said = "other"
	}
	set.PutString(facts.ControlReached, said, from)
	if said == answered {
		notApplicable(set, facts.ReasonNotConfigured, from, facts.PageOrigin)
		return
	}
	own := b.ownOrigin()
	switch own {
	case "":
		unknown(set, facts.ReasonOtherOrigin, from, facts.PageOrigin)
	case origin(b.control): // whose silence is what is to be explained
		unknown(set, facts.ReasonUnreachable, from, facts.PageOrigin)
	default:
		b.observePageOrigin(ctx, set, own, from)
	}
}

// ownOrigin returns the page's own origin; empty where nothing can be asked of it.
func (b *browser) ownOrigin() string {
	if b.isolated != "" {
		return ""
	}
	return webOrigin(textOr(b.window, "", "location", "origin"))
}

// authenticate is the status by which a network says that its user has to sign in
// (RFC 6585, section 6).
const authenticate = 511

// robots is what every origin may be asked for.
const robots = "/robots.txt"

// observePageOrigin asks the page's own origin. Any answer of its own counts, but
// for one that networks give in its place. What comes only where nobody follows
// is sent on to another origin: there the page may not follow, and its policy may
// not let it.
func (b *browser) observePageOrigin(ctx context.Context, set *facts.Set, own, from string) {
	response, said, why := b.reach(ctx, own+robots, "mode", "same-origin")
	status, _ := number(response, "status")
	elsewhere := status == authenticate
	if said == failed || why == facts.ReasonRefused {
		response, said, why = b.reach(ctx, own+robots, "mode", "same-origin", "redirect", "manual")
		elsewhere = textOr(response, "", "type") == "opaqueredirect"
	}
	if elsewhere {
		said = "other"
	}
	putSaid(set, facts.PageOrigin, said, why, from)
}

// reachControl asks for the control. Whoever answers in our server's place may do
// so without letting the page read it, as our server would. That counts if it
// happens twice: a connection may fail for once.
func (b *browser) reachControl(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, questionLimit)
	defer cancel()
	for try := range 2 {
		nonce := RandomID()
		err := b.sendsBack(ctx, b.control, nonce, nonce)
		if err == nil {
			b.countLost(try, b.control)
		}
		if err == nil || errors.Is(err, errOtherAnswer) || errors.Is(err, errNotServed) {
			return err
		}
		if _, silent := b.fetch(ctx, b.control, "mode", "no-cors", "cache", "no-store", "credentials", "omit"); silent != nil {
			return err
		}
	}
	return errOtherAnswer
}

// reach asks for the URL, whatever is there, and once more if that fails: a
// connection may have been closed meanwhile. It says why nothing follows from
// that.
func (b *browser) reach(ctx context.Context, url string, options ...string) (response safejs.Value, said string, why facts.Reason) {
	ctx, cancel := context.WithTimeout(ctx, questionLimit)
	defer cancel()
	for try := range 2 {
		response, err := b.fetch(ctx, url, append(options, "cache", "no-store", "credentials", "omit")...)
		if said = outcome(err, answered); err == nil {
			b.countLost(try, url)
			return response, said, ""
		}
	}
	if b.refuses(ctx, url) {
		return response, "", facts.ReasonRefused
	}
	return response, said, ""
}

// countLost counts the requests for the URL that failed before one was answered,
// unless the page's own policy is what they failed by. One without an answer in
// time is not made again.
func (b *browser) countLost(tries int, url string) {
	if !b.refused.noted(origin(url)) {
		b.lost.Add(int32(tries))
	}
}

// observeSocket opens a WebSocket to the server that has the URL.
func (b *browser) observeSocket(ctx context.Context, set *facts.Set, key facts.StringKey, url, from string) {
	if webOrigin(url) == "" {
		unknown(set, facts.ReasonNotConfigured, from, key)
		return
	}
	said, why := b.socket(ctx, "ws"+strings.TrimPrefix(sibling(url, "socket"), "http"))
	putSaid(set, key, said, why, from)
}

// socket opens a WebSocket. The page's policy has to name it by its own scheme,
// whatever it says of requests to the same server.
func (b *browser) socket(ctx context.Context, url string) (said string, why facts.Reason) {
	result, err := b.measured(ctx, "socket", url, RandomID(), socketLimit)
	said = textOr(result, "")
	switch {
	case err != nil:
		return "", facts.ReasonUnsupported
	case said == slow:
		return "", facts.ReasonNotKnown
	case said != answered && b.refuses(ctx, url):
		return "", facts.ReasonRefused
	}
	return said, ""
}

// putSaid puts what was said, or why it is not known.
func putSaid(set *facts.Set, key facts.StringKey, said string, why facts.Reason, from string) {
	if why != "" {
		unknown(set, why, from, key)
	} else {
		set.PutString(key, said, from)
	}
}

// observeProviders asks the payment provider's origins, any answer of which
// counts. What the page's policy or its isolation keeps from us is left out. The
// worst of the others decides: one that fails before one that nothing comes of.
func (b *browser) observeProviders(ctx context.Context, set *facts.Set, from string) {
	urls := b.providerURLs()
	said := make([]string, len(urls))
	var asked []func()
	for i, url := range urls {
		asked = append(asked, func() { said[i] = b.askProvider(ctx, url) })
	}
	b.beside(asked...)
	silent := slices.Index(said, failed)
	if silent < 0 {
		silent = slices.Index(said, timedOut)
	}
	switch {
	case urls == nil:
		notApplicable(set, facts.ReasonNotConfigured, from, providerFacts...)
	case silent >= 0:
		besides := false
		for i, url := range urls {
			besides = besides || said[i] == answered && domain(url) == domain(urls[silent])
		}
		set.PutString(facts.ProviderReached, said[silent], from)
		set.PutString(facts.ProviderOrigin, urls[silent], from)
		set.PutBool(facts.ProviderSibling, besides, from)
	case slices.Contains(said, answered):
		set.PutString(facts.ProviderReached, answered, from)
		notApplicable(set, facts.ReasonNotConfigured, from, facts.ProviderOrigin, facts.ProviderSibling)
	default:
		unknown(set, facts.ReasonRefused, from, providerFacts...)
	}
}

// providerURLs returns the origins that are asked. One of WebSockets is asked
// over HTTP: at which path it takes any, an origin does not say, and a refusal
// looks like an outage.
func (b *browser) providerURLs() (urls []string) {
	for _, named := range b.providers {
		if rest, socket := strings.CutPrefix(named, "ws"); socket {
			named = "http" + rest
		}
		if url := webOrigin(named); url != "" && len(urls) < mostProviders && !slices.Contains(urls, url) {
			urls = append(urls, url)
		}
	}
	return urls
}

// askProvider tells how one origin answered; empty where its silence says
// nothing of it. A page that demands Cross-Origin-Resource-Policy of others (COEP)
// keeps answers out: Chromium reports that, others say no more than that the page
// is isolated. There, COEP alone, without COOP, cannot be seen.
func (b *browser) askProvider(ctx context.Context, url string) string {
	_, said, why := b.reach(ctx, url+"/", "mode", "no-cors")
	if why != "" || said != answered && is(b.window, "crossOriginIsolated") {
		return ""
	}
	return said
}

// domain returns the last two labels of an origin's host. The module has no list
// of public suffixes: under one such as co.uk, strangers count as of one domain,
// which a host page that names only its provider's origins does not give.
func domain(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	host, _, _ = strings.Cut(host, ":")
	last := max(strings.LastIndexByte(host, '.'), 0)
	return host[strings.LastIndexByte(host[:last], '.')+1:]
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
