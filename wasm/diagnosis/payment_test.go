package diagnosis_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

func TestDeclinesGiveTheirReasonAndItsFixes(t *testing.T) {
	for name, tt := range map[string]struct {
		status, reason, code string
		variant              string
		first                diagnosis.FixCode
	}{
		"expired":                         {status: "N", reason: "05", variant: "expired-card", first: "check-card-date"},
		"expired by the gateway's word":   {status: "Y", code: "expired_card", variant: "expired-card", first: "check-card-date"},
		"expired by ISO 8583":             {status: "Y", code: "54", variant: "expired-card", first: "check-card-date"},
		"too many tries":                  {status: "N", reason: "04", variant: "too-many-tries", first: "wait-and-retry"},
		"fraud suspected":                 {status: "R", reason: "11", variant: "suspected-fraud", first: "ask-bank"},
		"no card record":                  {status: "N", reason: "08", variant: "wrong-number", first: "check-details"},
		"stolen":                          {status: "R", reason: "10", variant: "lost-or-stolen", first: "ask-bank"},
		"not permitted to the cardholder": {status: "R", reason: "12", variant: "not-permitted", first: "ask-bank"},
		"unsupported device":              {status: "N", reason: "03", variant: "unsupported-device", first: "use-another-browser"},
		"authentication failed":           {status: "N", reason: "01", variant: "not-authenticated", first: "try-again"},
		"technical trouble":               {status: "U", reason: "22", variant: "issuer-trouble", first: "try-again"},
		"funds":                           {status: "Y", code: "51", variant: "not-enough-funds", first: "check-balance"},
		"amount":                          {status: "Y", code: "61", variant: "over-the-limit", first: "check-amount"},
		"a reason nobody knows":           {status: "N", reason: "99", variant: "another-reason", first: "ask-bank"},
		"an approval after a refusal":     {status: "N", code: "00", variant: "no-reason", first: "check-details"},
		"no reason":                       {status: "N", variant: "no-reason", first: "check-details"},
	} {
		t.Run(name, func(t *testing.T) {
			s := healthy()
			s.PutString(facts.TransStatus, tt.status, "test")
			if tt.reason != "" {
				s.PutString(facts.TransStatusReason, tt.reason, "test")
			}
			if tt.code != "" {
				s.PutString(facts.DeclineCode, tt.code, "test")
			}
			r := diagnosis.Judge(s)
			require.NotEmpty(t, r.Findings)
			f := r.Findings[0]
			assert.EqualValues(t, "payment.declined", f.Code)
			assert.Equal(t, tt.variant, f.Variant)
			require.NotEmpty(t, f.Fixes)
			assert.Equal(t, tt.first, f.Fixes[0].Code)
		})
	}
}
