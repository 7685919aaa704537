// Package facts holds what one run established about one browser.
//
// A fact is declared once, as a typed key with a line that says what it means;
// [All] lists every key. A [Set] gives each key one of three states: known,
// with the value and the observer that established it; unknown, with the
// reason why it was not established; or not applicable, with the reason why
// the question does not arise. A key that was never touched counts as unknown.
// Unknown never counts as good.
//
// The package is portable and uses no reflection: a Set crosses to JavaScript
// and to JSON as a tree of plain values ([Set.Tree], [FromTree]).
package facts

import (
	"slices"
	"strings"
	"sync"
)

// State says how much is known of a fact.
type State uint8

// The states of a fact. The zero State is Unknown, so that what nobody looked
// at is never taken for good.
const (
	Unknown State = iota
	Known
	NotApplicable
)

// Reason says why a fact is not known. It is a short code, shown in the
// report's notChecked and worded in the locales.
type Reason string

// The reasons for which a fact stays unknown or does not apply.
const (
	ReasonNotObserved   Reason = "not-observed"   // no observer touched the key
	ReasonNotConfigured Reason = "not-configured" // the host page named no such endpoint or frame
	ReasonNotAsked      Reason = "not-asked"      // left out by the option `only`
	ReasonNoGesture     Reason = "no-gesture"     // the run did not start in a click
	ReasonOtherOrigin   Reason = "other-origin"   // only visible from the payment page's own origin
	ReasonTimedOut      Reason = "timed-out"      // the observer's limit ran out
	ReasonCrashed       Reason = "crashed"        // the observer panicked
	ReasonUnreachable   Reason = "unreachable"    // the endpoint that would tell did not answer
	ReasonRefused       Reason = "refused"        // the browser refused the question
	ReasonUnsupported   Reason = "unsupported"    // this browser has no such interface
	ReasonNotKnown      Reason = "not-known"      // what was asked, or what it gave, cannot tell
	ReasonCancelled     Reason = "cancelled"      // the host page or the user stopped the run
	ReasonInvalid       Reason = "invalid"        // a value was seen that the key cannot hold
)

// Harmless reports whether a fact that is unknown for this reason leaves a
// clear verdict possible: nobody asked, or nobody could have asked here.
// Everything else is a failure to look, and the verdict must not be clear.
func (r Reason) Harmless() bool {
	switch r {
	case ReasonNotConfigured, ReasonNotAsked, ReasonNoGesture, ReasonOtherOrigin, ReasonUnsupported, ReasonNotKnown:
		return true
	}
	return false
}

// Kind is the type of a key's value.
type Kind uint8

// The kinds of value that a fact can have.
const (
	KindBool   Kind = iota // bool
	KindInt                // int64; the key's doc names unit and range
	KindEnum               // one of the key's Allowed strings
	KindToken              // a short word without URL syntax, such as a time zone's name
	KindOrigin             // scheme://host[:port], never more of a URL
	KindTokens             // a list of tokens
)

// Key is a declared fact.
type Key struct {
	Name    string   // family.subject[.aspect], stable: it is in every report
	Doc     string   // what the fact means, with unit and range; empty in the module
	Kind    Kind     //
	Allowed []string // the values of a KindEnum
	Aliases []string // earlier names of the key, so that old reports replay
}

// The typed keys: a BoolKey cannot be asked for a string.
type (
	// BoolKey is a key of a yes-or-no fact.
	BoolKey struct{ *Key }
	// IntKey is a key of a counted or measured fact.
	IntKey struct{ *Key }
	// StringKey is a key of an enum, token or origin.
	StringKey struct{ *Key }
	// ListKey is a key of a list of tokens.
	ListKey struct{ *Key }
)

// Declared is any typed key.
type Declared interface{ declared() *Key }

func (k *Key) declared() *Key { return k }

// Bool declares a yes-or-no fact.
func Bool(name, doc string) BoolKey {
	return BoolKey{&Key{Name: name, Doc: worded(doc), Kind: KindBool}}
}

// Int declares a counted or measured fact; doc gives its unit.
func Int(name, doc string) IntKey { return IntKey{&Key{Name: name, Doc: worded(doc), Kind: KindInt}} }

// Enum declares a fact that has one of the allowed values.
func Enum(name, doc string, allowed ...string) StringKey {
	return StringKey{&Key{Name: name, Doc: worded(doc), Kind: KindEnum, Allowed: allowed}}
}

// Token declares a fact that is a short word, such as a time zone's name.
func Token(name, doc string) StringKey {
	return StringKey{&Key{Name: name, Doc: worded(doc), Kind: KindToken}}
}

// Origin declares a fact that is an origin, never more of a URL.
func Origin(name, doc string) StringKey {
	return StringKey{&Key{Name: name, Doc: worded(doc), Kind: KindOrigin}}
}

// Tokens declares a fact that is a list of tokens.
func Tokens(name, doc string) ListKey {
	return ListKey{&Key{Name: name, Doc: worded(doc), Kind: KindTokens}}
}

// worded keeps what a fact means out of the module, which never says it: most
// of the weight of a declaration is its words.
func worded(doc string) string {
	if !documented {
		return ""
	}
	return doc
}

// Entry is the state of one key in a Set. Only the value field of the key's
// Kind has a meaning, and only while State is Known.
type Entry struct {
	State  State
	From   string // the observer that established it; empty when nobody did
	Reason Reason // why it is not known; empty when it is

	Bool bool
	Int  int64
	Str  string
	List []string
}

// Set is what one run established. The zero Set is empty and ready to use, and
// safe for concurrent use: an observer whose time is up may still be writing.
type Set struct {
	mu      sync.Mutex
	entries map[string]Entry
	asked   func(Declared)
}

// OnAsked has asked called with every key that the set is asked for from now on;
// nil ends that. The function must not use the set.
func (s *Set) OnAsked(asked func(Declared)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = asked
}

// Entry returns the state of k. A key that nobody touched is unknown.
func (s *Set) Entry(k Declared) Entry {
	if e, ok := s.entry(k); ok {
		return e
	}
	return Entry{Reason: ReasonNotObserved}
}

// Touched reports whether any observer said something of k.
func (s *Set) Touched(k Declared) bool {
	_, ok := s.entry(k)
	return ok
}

func (s *Set) entry(k Declared) (e Entry, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked != nil {
		s.asked(k)
	}
	e, ok = s.entries[k.declared().Name]
	return e, ok
}

// Bool returns the value of k, and whether it is known.
func (s *Set) Bool(k BoolKey) (value, known bool) {
	e := s.Entry(k)
	return e.Bool, e.State == Known
}

// Is reports whether k is known and has the value want.
func (s *Set) Is(k BoolKey, want bool) bool {
	v, known := s.Bool(k)
	return known && v == want
}

// Int returns the value of k, and whether it is known.
func (s *Set) Int(k IntKey) (value int64, known bool) {
	e := s.Entry(k)
	return e.Int, e.State == Known
}

// AtLeast reports whether k is known and not below limit.
func (s *Set) AtLeast(k IntKey, limit int64) bool {
	v, known := s.Int(k)
	return known && v >= limit
}

// String returns the value of k, and whether it is known.
func (s *Set) String(k StringKey) (value string, known bool) {
	e := s.Entry(k)
	return e.Str, e.State == Known
}

// Equals reports whether k is known and has one of the values.
func (s *Set) Equals(k StringKey, values ...string) bool {
	v, known := s.String(k)
	return known && slices.Contains(values, v)
}

// List returns the value of k, and whether it is known.
func (s *Set) List(k ListKey) (value []string, known bool) {
	e := s.Entry(k)
	return e.List, e.State == Known
}

// Has reports whether k is known and holds the token.
func (s *Set) Has(k ListKey, token string) bool {
	v, known := s.List(k)
	return known && slices.Contains(v, token)
}

// PutBool says that the observer from found k to be v.
func (s *Set) PutBool(k BoolKey, v bool, from string) {
	s.put(k.Key, Entry{State: Known, From: from, Bool: v})
}

// PutInt says that the observer from measured k as v.
func (s *Set) PutInt(k IntKey, v int64, from string) {
	s.put(k.Key, Entry{State: Known, From: from, Int: v})
}

// PutString says that the observer from found k to be v. A value that the key
// cannot hold, such as a URL's path for an origin, leaves it unknown: a report
// must have no place for what it may not carry.
func (s *Set) PutString(k StringKey, v, from string) {
	if !k.accepts(v) {
		s.PutUnknown(k, ReasonInvalid, from)
		return
	}
	s.put(k.Key, Entry{State: Known, From: from, Str: v})
}

// PutList says that the observer from found k to be v. Items that are no
// tokens are left out.
func (s *Set) PutList(k ListKey, v []string, from string) {
	list := make([]string, 0, len(v))
	for _, item := range v {
		if isToken(item) {
			list = append(list, item)
		}
	}
	s.put(k.Key, Entry{State: Known, From: from, List: list})
}

// PutUnknown says why k could not be established.
func (s *Set) PutUnknown(k Declared, why Reason, from string) {
	s.put(k.declared(), Entry{State: Unknown, Reason: why, From: from})
}

// PutNotApplicable says why the question of k does not arise.
func (s *Set) PutNotApplicable(k Declared, why Reason, from string) {
	s.put(k.declared(), Entry{State: NotApplicable, Reason: why, From: from})
}

func (s *Set) put(k *Key, e Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries == nil {
		s.entries = make(map[string]Entry)
	}
	s.entries[k.Name] = e
}

// Merge takes over every entry of other, replacing what s said of those keys.
func (s *Set) Merge(other *Set) {
	for _, d := range All() {
		if e, ok := other.entry(d); ok {
			s.put(d.declared(), e)
		}
	}
}

// Len returns how many keys the set says something of.
func (s *Set) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.entries)
}

func (k *Key) accepts(v string) bool {
	switch k.Kind {
	case KindEnum:
		return slices.Contains(k.Allowed, v)
	case KindToken:
		return isToken(v)
	case KindOrigin:
		return isOrigin(v)
	}
	return false
}

// maxToken bounds a token's length in bytes. The longest IANA zone name has 32.
const maxToken = 64

// isToken reports whether v is a short word. Neither '?', '#', '=', '@' nor
// "//" can stand in one, so that no URL, query value or address book entry
// passes for a token; '/' alone is in the names of time zones.
func isToken(v string) bool {
	if v == "" || len(v) > maxToken || strings.Contains(v, "//") {
		return false
	}
	for _, r := range v {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("._-+/*", r):
		default:
			return false
		}
	}
	return true
}

// isOrigin reports whether v is an origin as the URL standard serializes it
// (https://url.spec.whatwg.org/#origin), the opaque origin "null" included.
func isOrigin(v string) bool {
	if v == "null" {
		return true
	}
	host, ok := strings.CutPrefix(v, "https://")
	if !ok {
		host, ok = strings.CutPrefix(v, "http://")
	}
	return ok && host != "" && len(host) <= 255 && !strings.ContainsAny(host, "/?#@\\ ")
}

// Name returns the name of the key.
func Name(k Declared) string { return k.declared().Name }

// Doc returns what the key means.
func Doc(k Declared) string { return k.declared().Doc }
