package lab

import (
	"fmt"

	"checkoutdoctor/web/acs"
)

// DefaultCard pays with message version 2.2.0, a 3DS Method and a challenge
// that the right code completes.
const DefaultCard = "4000000000002140"

// card is what a card number says: its last four digits choose the flow.
type card struct {
	version string          // newest message version of its issuer
	method  bool            // its issuer has a 3DS Method
	status  acs.TransStatus // of the ARes
	outcome acs.TransStatus // of a challenge, once the right code is given
}

// statusDigits are the third digit's values.
var statusDigits = []acs.TransStatus{
	acs.StatusAuthenticated, acs.StatusDenied, acs.StatusUnavailable, acs.StatusAttempted,
	acs.StatusChallenge, acs.StatusRejected, acs.StatusDecoupled, acs.StatusInformational,
}

// parseCard reads a card number of 13 to 19 digits. The error says which digit
// chooses nothing.
func parseCard(number string) (card, error) {
	if len(number) < 13 || len(number) > 19 {
		return card{}, fmt.Errorf("card number has %d characters, wanted 13 to 19", len(number))
	}
	for _, r := range number {
		if r < '0' || r > '9' {
			return card{}, fmt.Errorf("card number has a %q in it", r)
		}
	}
	flow := number[len(number)-4:]
	choose := func(digit, least, most int) (int, error) {
		n := int(flow[digit-1] - '0')
		if n < least || n > most {
			return 0, fmt.Errorf("digit %d of the card's last four is %d, wanted %d to %d", digit, n, least, most)
		}
		return n, nil
	}
	version, err := choose(1, 1, len(acs.Versions()))
	if err != nil {
		return card{}, err
	}
	method, err := choose(2, 0, 1)
	if err != nil {
		return card{}, err
	}
	status, err := choose(3, 0, len(statusDigits)-1)
	if err != nil {
		return card{}, err
	}
	outcome, err := choose(4, 0, 1)
	if err != nil {
		return card{}, err
	}
	return card{
		version: acs.Versions()[version-1],
		method:  method == 1,
		status:  statusDigits[status],
		outcome: statusDigits[outcome],
	}, nil
}

// decision is how the issuer of the card answers an AReq.
func (c card) decision() acs.Decision {
	d := acs.Decision{TransStatus: c.status, Outcome: c.outcome}
	switch c.status {
	case acs.StatusDenied:
		d.Reason = acs.ReasonAuthenticationFailed
	case acs.StatusUnavailable:
		d.Reason = acs.ReasonACSTechnicalIssue
	case acs.StatusRejected:
		d.Reason = acs.ReasonSuspectedFraud
	}
	return d
}
