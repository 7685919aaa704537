package fault

import (
	"net/http"
	"slices"
	"time"
)

// Action is what the proxy does to a connection.
type Action int

// The actions. What a browser says of them in its own words stands behind.
const (
	// Pass lets the connection through.
	Pass Action = iota
	// Refuse answers that the host cannot be reached: ERR_TUNNEL_CONNECTION_FAILED,
	// as a browser behind a proxy says of a connection that was refused, or
	// ERR_SOCKS_CONNECTION_FAILED.
	Refuse
	// NoHost answers that there is no such host, as when a proxy cannot look its
	// name up: ERR_SOCKS_CONNECTION_HOST_UNREACHABLE. By CONNECT it looks like
	// [Refuse].
	NoHost
	// Reset accepts, waits for the first byte and resets: ERR_CONNECTION_RESET.
	Reset
	// Hang accepts and never says anything.
	Hang
	// Cut lets Rule.Bytes from the server pass and then closes: ERR_CONNECTION_CLOSED
	// within the handshake, a truncated answer after it.
	Cut
	// Stall lets Rule.Bytes in one direction pass and then swallows what comes, as
	// a path does that drops packets of full size: the request never ends.
	Stall
	// Flap breaks a connection after Rule.Turns, refuses the host's next one, and
	// lets the one after that pass, as a network does that comes and goes.
	Flap
	// Change hands each answer to Rule.Change before it goes on.
	Change
	// Impersonate speaks TLS in the host's name with a certificate of an authority
	// that nobody knows, as a company's proxy or a virus scanner does:
	// ERR_CERT_AUTHORITY_INVALID. A browser that takes it gets the host's answers.
	Impersonate
	// Inspect does the same with a certificate that the browser trusts, and says
	// in each message's Via that it came by, as a company's proxy does whose
	// authority was installed on the computer.
	Inspect
	// Portal answers in the host's name with a redirect to a sign-in page, as a
	// hotel's network does until one has signed in. Nothing of it is the host's.
	Portal
	// Elsewhere leads to another server, which shows a certificate for another
	// name: ERR_CERT_COMMON_NAME_INVALID.
	Elsewhere
)

// Rule says what happens to the connections to one host.
type Rule struct {
	// Delay comes before anything else.
	Delay time.Duration
	// Action is done then.
	Action Action
	// Bytes is how many bytes a [Cut] or [Stall] lets pass, those of the TLS
	// handshake included.
	Bytes int64
	// Pause is after how long a silence in their direction a [Cut] or [Stall]
	// counts the bytes anew, so that small exchanges pass for ever; 0 counts all
	// that the connection carries while the rule is in force.
	Pause time.Duration
	// Linger is how long after the last byte a [Cut] closes. A browser that is told
	// both at once may hear of the end before it has looked at what came.
	Linger time.Duration
	// Up has a [Stall] count and swallow what the browser sends, and not what
	// the server does.
	Up bool
	// Turns is how often a [Flap] lets the browser speak, each time after the
	// server did. A TLS handshake takes one and begins the next.
	Turns int
	// Untrusted has a [Portal] show a certificate of an authority that nobody
	// knows.
	Untrusted bool
	// NoSockets has an [Inspect] refuse WebSockets.
	NoSockets bool
	// Change alters an answer, header and body. It is for [Change] alone, and
	// is called from several goroutines.
	Change func(*http.Response) error
}

// needsNew reports whether the rule takes effect only where a connection begins.
func (r Rule) needsNew() bool {
	return !slices.Contains([]Action{Pass, Cut, Stall, Flap}, r.Action)
}

// bounds reports whether the rule ends what one direction carries.
func (r Rule) bounds(up bool) bool {
	return r.Action == Cut && !up || r.Action == Stall && r.Up == up
}
