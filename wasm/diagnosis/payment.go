package diagnosis

const codeNothingFound Code = "payment.nothing-found"

// paymentCauses holds the advice of a clear verdict: the documented checklist.
// The judge adds it; it has no match of its own.
func paymentCauses() []Cause {
	return []Cause{{
		Code:        codeNothingFound,
		Severity:    Notice,
		Confidences: []Confidence{Certain},
		Fixes: []FixCode{
			"check-details", "check-card-date", "check-balance", "reset-ads-manager-cache", "clear-cookies-and-cache",
			"use-another-browser", "use-another-card", "check-amount", "check-funds", "ask-bank", "ask-support", "request-refund",
		},
		Source: sourceInvalidMethod,
	}}
}
