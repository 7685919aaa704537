package diagnosis

import (
	"slices"
	"strings"

	"checkoutdoctor/wasm/facts"
)

const (
	codeDeclined     Code = "payment.declined"
	codeNothingFound Code = "payment.nothing-found"
)

// paymentCauses holds the advice of a clear verdict: the documented checklist.
// The judge adds it; it has no match of its own.
var paymentCauses = []Cause{{
	Code:        codeNothingFound,
	Severity:    Notice,
	Confidences: []Confidence{Certain},
	Fixes: []FixCode{
		"check-details", "check-card-date", "check-balance", "reset-ads-manager-cache", "clear-cookies-and-cache",
		"use-another-browser", "use-another-card", "check-amount", "check-funds", "ask-bank", "ask-support", "request-refund",
	},
	Source: sourceInvalidMethod,
}}

// refusal is why an issuer or a gateway said no, and what a cardholder can do.
type refusal struct {
	variant string
	reasons string // transStatusReasons of EMV 3-D Secure, separated by spaces
	codes   string // decline codes: the response codes of ISO 8583, and the words of gateways
	fixes   []FixCode
}

// refusals are in the order in which they are looked up; the last two stand for
// no reason, and for one that is not in the list.
var refusals = []refusal{
	{"expired-card", "05", "33 54 expired_card", []FixCode{"check-card-date", "use-another-card", "ask-bank"}},
	{"too-many-tries", "04 19", "38 75 withdrawal_count_limit_exceeded pin_try_exceeded card_velocity_exceeded", []FixCode{"wait-and-retry", "use-another-card", "ask-bank"}},
	{"wrong-number", "06 08", "14 incorrect_number invalid_number", []FixCode{"check-details", "use-another-card"}},
	{"lost-or-stolen", "10", "41 43 lost_card stolen_card pickup_card", []FixCode{"ask-bank", "use-another-card"}},
	{"suspected-fraud", "09 11", "34 59 63 fraudulent security_violation", []FixCode{"ask-bank", "use-another-card"}},
	{"not-permitted", "12 13", "57 58 62 card_not_supported transaction_not_allowed restricted_card", []FixCode{"ask-bank", "use-another-card"}},
	{"unsupported-device", "02 03 20 27", "", []FixCode{"use-another-browser", "use-another-card", "ask-bank"}},
	{"not-authenticated", "01 15 16", "authentication_required 1A", []FixCode{"try-again", "use-another-card", "ask-bank"}},
	{"not-enough-funds", "", "51 insufficient_funds", []FixCode{"check-balance", "check-funds", "use-another-card"}},
	{"over-the-limit", "", "13 61 amount_too_large invalid_amount card_limit_exceeded", []FixCode{"check-amount", "use-another-card", "ask-bank"}},
	{variantIssuerTrouble, "14 22 26", "91 92 96 issuer_not_available processing_error try_again_later", []FixCode{"try-again", "use-another-card", "ask-bank"}},
	{variantNoReason, "", "", []FixCode{"check-details", "use-another-card", "ask-bank", "ask-support"}},
	{variantOther, "", "", []FixCode{"ask-bank", "use-another-card", "check-details", "ask-support"}},
}

// approvals are the codes of a gateway that has nothing to decline.
const approvals = "0 00 000 approved success succeeded"

// The refusals that may be the end of a failure rather than its cause: an
// issuer that nobody answered says no as well.
const (
	variantIssuerTrouble = "issuer-trouble"
	variantNoReason      = "no-reason"
	variantOther         = "another-reason"
)

var declineCauses = []Cause{{
	Code:        codeDeclined,
	Severity:    Blocking,
	Confidences: []Confidence{Certain},
	Variants:    variantsOf(refusals),
	Needs:       []facts.Declared{facts.TransStatus},
	Fixes: []FixCode{
		"check-card-date", "check-details", "check-balance", "check-funds", "check-amount", "wait-and-retry",
		"try-again", "use-another-browser", "use-another-card", "ask-bank", "ask-support",
	},
	Source: sourceEMV + ", table A.1, transStatusReason",
	match:  matchDeclined,
}}

func variantsOf(refusals []refusal) (variants []string) {
	for _, r := range refusals {
		variants = append(variants, r.variant)
	}
	return variants
}

// matchDeclined goes by what the gateway said, which the host page handed in. A
// refusal that gives no reason of its own, after a challenge that did not end,
// is what that failure led to.
func matchDeclined(s *facts.Set) *match {
	code, coded := s.String(facts.DeclineCode)
	if (!coded || hasWord(approvals, code)) && !s.Equals(facts.TransStatus, "N", "R", "U") {
		return nil
	}
	r := refusalOf(s)
	if (r.variant == variantIssuerTrouble || r.variant == variantNoReason) && unfinished(s) {
		return nil
	}
	return &match{confidence: Certain, variant: r.variant, fixes: r.fixes,
		evidence: evidence(s, facts.TransStatus, facts.TransStatusReason, facts.DeclineCode)}
}

func refusalOf(s *facts.Set) refusal {
	reason, _ := s.String(facts.TransStatusReason)
	code, _ := s.String(facts.DeclineCode)
	for _, r := range refusals {
		if hasWord(r.reasons, reason) || hasWord(r.codes, code) {
			return r
		}
	}
	if reason == "" && (code == "" || hasWord(approvals, code)) {
		return refusals[len(refusals)-2]
	}
	return refusals[len(refusals)-1]
}

// hasWord reports whether the word, if there is one, stands in the list.
func hasWord(list, word string) bool {
	return slices.Contains(strings.Fields(list), word)
}
