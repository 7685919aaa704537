package link

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The names of the parameters, in their order.
const (
	paramCase       = "case"
	paramLanguage   = "lang"
	paramOnly       = "only"
	paramAdsManager = "ads-manager-url"
	paramFrom       = "from"
	paramUntil      = "until"
	paramSeal       = "sig"
)

var paramOrder = []string{paramCase, paramLanguage, paramOnly, paramAdsManager, paramFrom, paramUntil, paramSeal}

// onlySeparator parts the names of checks. It needs no escape in a query.
const onlySeparator = "."

// query writes the link in its one form, without the seal.
func (l Link) query() string {
	var b strings.Builder
	for _, p := range [][2]string{
		{paramCase, l.Case},
		{paramLanguage, l.Language},
		{paramOnly, strings.Join(l.Only, onlySeparator)},
		{paramAdsManager, l.AdsManagerURL},
		{paramFrom, strconv.FormatInt(l.From.Unix(), 10)},
		{paramUntil, strconv.FormatInt(l.Until.Unix(), 10)},
	} {
		if p[1] == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p[0] + "=" + escape(p[1]))
	}
	return b.String()
}

// escape writes every byte that is not unreserved (RFC 3986, section 2.3) as
// %XX; a plus stands for a space in some readers and for itself in others, so
// that there is none.
func escape(value string) string { return strings.ReplaceAll(url.QueryEscape(value), "+", "%20") }

// isEscaped tells whether the value is written as escape does.
func isEscaped(value string) bool {
	plain, err := url.PathUnescape(value)
	return err == nil && escape(plain) == value
}

// parse reads what query wrote, and nothing else.
func parse(query string) (Link, error) {
	var l Link
	for piece := range strings.SplitSeq(query, "&") {
		name, escaped, _ := strings.Cut(piece, "=")
		value, err := url.PathUnescape(escaped)
		if err != nil {
			return Link{}, fmt.Errorf("%s: %w", name, err)
		}
		if err := l.set(name, value); err != nil {
			return Link{}, err
		}
	}
	if l.query() != query {
		return Link{}, errors.New("it is not written as links are")
	}
	return l, nil
}

// set reads one parameter.
func (l *Link) set(name, value string) (err error) {
	switch name {
	case paramCase:
		l.Case = value
	case paramLanguage:
		l.Language = value
	case paramOnly:
		l.Only = strings.Split(value, onlySeparator)
	case paramAdsManager:
		l.AdsManagerURL = value
	case paramFrom:
		l.From, err = parseTime(value)
	case paramUntil:
		l.Until, err = parseTime(value)
	default:
		err = errors.New("there is no such parameter")
	}
	if err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	return nil
}

func parseTime(value string) (time.Time, error) {
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return time.Time{}, errors.New("it is no time in seconds")
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// whyNot says why the query is not sealed, as well as can be told from outside.
func (k Keys) whyNot(rawQuery string) *Error {
	pieces := strings.Split(rawQuery, "&")
	names := make([]string, len(pieces))
	values := make(map[string]string, len(pieces))
	for i, piece := range pieces {
		name, value, _ := strings.Cut(piece, "=")
		names[i], values[name] = name, value
	}
	seal, sealed := values[paramSeal]
	if !sealed {
		return whyNoSeal(names)
	}
	if e := whyNotInForm(names, values); e != nil {
		return e
	}
	return &Error{Reason: k.whyNotSeal(seal)}
}

// whyNoSeal tells what has lost its seal from what never had one. The page may be
// opened without a link, in a language, and with whatever others add to the
// addresses that they lead to.
func whyNoSeal(names []string) *Error {
	for _, name := range names {
		if name != paramLanguage && slices.Contains(paramOrder, name) {
			return &Error{Reason: Truncated}
		}
	}
	return &Error{Reason: NoLink}
}

// whyNotInForm finds what was done to a link's form; nil where it has one.
func whyNotInForm(names []string, values map[string]string) *Error {
	last := -1
	for i, name := range names {
		place := slices.Index(paramOrder, name)
		switch {
		case place < 0:
			return &Error{Reason: Added}
		case slices.Contains(names[:i], name):
			return &Error{Reason: Doubled, Param: name}
		case place < last:
			return &Error{Reason: Reordered, Param: name}
		case !isEscaped(values[name]):
			return &Error{Reason: Recoded, Param: name}
		}
		last = place
	}
	return nil
}
