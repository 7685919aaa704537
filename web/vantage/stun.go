package vantage

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/pion/stun/v3"
)

// The limits of the STUN server. A browser sends a few requests for each of
// its interfaces; an answer is at most 24 bytes longer than its question, so
// that little is gained by asking in another's name.
const (
	stunPerSecond = 100
	stunBurst     = 200
	stunClients   = 1 << 14
	maxSTUN       = 576     // bytes of a request (RFC 8489, section 6.1, for IPv4)
	maxDatagram   = 1 << 16 // bytes; one that the buffer cannot hold is an error on Windows
)

// How long the STUN server waits after a read that failed, and at most after
// several in a row. One may tell of an earlier answer that nobody took; many,
// of a network that is gone for a while.
const (
	firstPause = 5 * time.Millisecond
	maxPause   = time.Second
)

// ServeSTUN answers STUN's binding requests (RFC 8489) with the address that
// they came from, and nothing else with anything. It goes on whatever fails,
// until the socket is closed: then it returns an error, or nil where ctx ended,
// which closes it.
func ServeSTUN(ctx context.Context, conn net.PacketConn) error {
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // ends the read
	defer stop()
	limit := NewLimit(stunPerSecond, stunBurst, stunClients)
	buffer := make([]byte, maxDatagram)
	pause := firstPause
	for {
		n, from, err := conn.ReadFrom(buffer)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("read a STUN request: %w", err)
		case err != nil:
			wait(ctx, pause)
			pause = min(2*pause, maxPause)
			continue
		}
		pause = firstPause
		if answer := answerSTUN(limit, buffer[:n], from); answer != nil {
			_, _ = conn.WriteTo(answer, from) // a lost answer is asked for again
		}
	}
}

// wait waits so long, or until ctx ends.
func wait(ctx context.Context, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// answerSTUN returns the answer to a datagram, if it is to have one.
func answerSTUN(limit *Limit, request []byte, from net.Addr) []byte {
	udp, ok := from.(*net.UDPAddr)
	if !ok {
		return nil
	}
	address := udp.AddrPort()
	if _, ok := limit.Take(address.Addr(), 1); !ok {
		return nil
	}
	return bindingAnswer(request, address)
}

// bindingAnswer returns the answer to a binding request from that address: the
// address, or which of the request's attributes is not understood. It is nil
// for whatever is no binding request.
func bindingAnswer(request []byte, from netip.AddrPort) []byte {
	if len(request) > maxSTUN || !stun.IsMessage(request) {
		return nil
	}
	var asked stun.Message
	if err := stun.Decode(request, &asked); err != nil || asked.Type != stun.BindingRequest {
		return nil
	}
	setters := []stun.Setter{stun.NewTransactionIDSetter(asked.TransactionID)}
	if unknown := notUnderstood(asked.Attributes); len(unknown) > 0 {
		setters = append(setters, stun.BindingError, stun.ErrorCodeAttribute{Code: stun.CodeUnknownAttribute}, unknown)
	} else {
		setters = append(setters, stun.BindingSuccess, mappedAddress(from))
	}
	answer, err := stun.Build(setters...)
	if err != nil {
		return nil
	}
	return answer.Raw
}

func mappedAddress(from netip.AddrPort) *stun.XORMappedAddress {
	return &stun.XORMappedAddress{IP: from.Addr().Unmap().WithZone("").AsSlice(), Port: int(from.Port())}
}

// understood are the attributes below 0x8000, which a server must know to go
// on (RFC 8489, section 14), that mean nothing to one that asks for no
// password: those of the standard itself, and ICE's (RFC 8445, section 16.1).
var understood = map[stun.AttrType]bool{
	stun.AttrMappedAddress: true, stun.AttrXORMappedAddress: true,
	stun.AttrUsername: true, stun.AttrUserhash: true, stun.AttrRealm: true, stun.AttrNonce: true,
	stun.AttrMessageIntegrity: true, stun.AttrMessageIntegritySHA256: true, stun.AttrPasswordAlgorithm: true,
	stun.AttrErrorCode: true, stun.AttrUnknownAttributes: true,
	stun.AttrPriority: true, stun.AttrUseCandidate: true,
}

// maxUnknown is how many attributes an error names at most: enough to tell.
const maxUnknown = 4

// notUnderstood returns the attributes for which the request must be refused.
func notUnderstood(attributes stun.Attributes) stun.UnknownAttributes {
	var unknown stun.UnknownAttributes
	for _, a := range attributes {
		if a.Type.Required() && !understood[a.Type] && len(unknown) < maxUnknown {
			unknown = append(unknown, a.Type)
		}
	}
	return unknown
}

// STUNAt returns the URI (RFC 7064) of a STUN server at that port of the host
// that a request asked for. It is empty where the request's host is none that a
// URI could have.
func STUNAt(port int) func(*http.Request) string {
	return func(r *http.Request) string {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		host = strings.Trim(host, "[]")
		if address, err := netip.ParseAddr(host); err != nil && !isHostName(host) || address.Zone() != "" {
			return ""
		}
		return "stun:" + net.JoinHostPort(host, strconv.Itoa(port))
	}
}

// isHostName tells whether the name has only what names of hosts have.
func isHostName(name string) bool {
	notIn := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.'
	}
	return name != "" && !strings.ContainsFunc(name, notIn)
}
