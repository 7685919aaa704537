package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"

	"github.com/spf13/pflag"
)

// logFlags are the flags of serve that say what is logged, and how.
type logFlags struct {
	format string
	level  string
}

// The forms of the log.
const (
	logText = "text"
	logJSON = "json"
)

// logLevels are by their names.
var logLevels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
}

func (o *logFlags) register(f *pflag.FlagSet) {
	f.StringVar(&o.format, "log-format", logText, "`form` of the log: text or json")
	f.StringVar(&o.level, "log-level", "info", "`level` of what is logged: info has a line for each request, warn and error what is wrong")
}

func (o *logFlags) check() error {
	if o.format != logText && o.format != logJSON {
		return fmt.Errorf("--log-format: %q is none; want %s or %s", o.format, logText, logJSON)
	}
	if _, ok := logLevels[o.level]; !ok {
		return fmt.Errorf("--log-level: %q is none; want debug, info, warn or error", o.level)
	}
	return nil
}

// logger writes the log.
func (o *logFlags) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: logLevels[o.level]}
	if o.format == logJSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// messagesTo returns what the standard library's servers tell of what goes wrong
// to: it keeps the causes, and neither an address of a client nor more of what it
// sent than a line's length. Anybody can cause them, so the log should be sparing.
func messagesTo(l *slog.Logger) *log.Logger { return log.New(withoutAddresses{l}, "", 0) }

// withoutAddresses is a writer that leaves out the addresses of what it is
// given, of which each call is a whole message. The standard library puts them
// into its messages of handshakes, panics and connections that broke.
type withoutAddresses struct{ log *slog.Logger }

func (w withoutAddresses) Write(message []byte) (int, error) {
	w.log.Warn(string(bytes.TrimSpace(cleaned(withoutProtocols(bounded(message))))))
	return len(message), nil
}

// How much of a message is kept, in bytes: of each line what says the cause, and
// of all lines what a panic's stack needs.
const (
	mostOfLine    = 300
	mostOfMessage = 8 << 10
)

// bounded shortens a message in which a client may have put as much as it liked:
// line by line, so that a panic's stack stays where its value is long.
func bounded(message []byte) []byte {
	var kept []byte
	for line := range bytes.Lines(message) {
		if len(kept) > mostOfMessage {
			return append(kept, leftOut...)
		}
		kept = append(append(kept, boundedLine(bytes.TrimRight(line, "\r\n"))...), '\n')
	}
	return kept
}

// boundedLine leaves nothing at its end that may be the beginning of an address:
// of that, cleaned would know no more that it is one.
func boundedLine(line []byte) []byte {
	if len(line) <= mostOfLine {
		return line
	}
	return append(bytes.TrimRight(line[:mostOfLine:mostOfLine], "0123456789ABCDEFabcdef.:["), leftOut...)
}

// unknownProtocols begins what crypto/tls says of a client with whose protocols
// (ALPN, RFC 7301) it has none in common. It quotes them, and they may be any text.
const unknownProtocols = "client requested unsupported application protocols"

func withoutProtocols(message []byte) []byte {
	if at := bytes.Index(message, []byte(unknownProtocols)); at >= 0 {
		return message[:at+len(unknownProtocols)]
	}
	return message
}

// inMessages finds what may be an address with or without port: IPv6 in
// brackets and bare, and IPv4; and the values that a panic's stack shows of
// functions' arguments, of which some are an address's bits.
var inMessages = regexp.MustCompile(
	`\[[0-9A-Fa-f:.]+(?:%[^\]\s]*)?\](?::\d+)?` +
		`|(?:[0-9A-Fa-f]*:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]+)(?:%[^\]\s:>]+)?` +
		`|[0-9A-Fa-f:]*::` +
		`|\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?` +
		`|\b0x[0-9a-f]+`)

// leftOut stands where an address was.
const leftOut = "…"

func cleaned(message []byte) []byte {
	return inMessages.ReplaceAllFunc(message, func(found []byte) []byte {
		if text := string(found); strings.HasPrefix(text, "0x") || isAddress(text) {
			return []byte(leftOut)
		}
		return found
	})
}

func isAddress(text string) bool {
	if _, err := netip.ParseAddrPort(text); err == nil {
		return true
	}
	text = strings.Trim(text, "[]")
	for _, text := range []string{text, strings.TrimSuffix(text, ":")} { // that of "::1: refused"
		if _, err := netip.ParseAddr(text); err == nil {
			return true
		}
	}
	return false
}
