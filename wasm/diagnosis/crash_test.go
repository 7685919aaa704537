package diagnosis

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/facts"
)

// A cause that panics is named, is left open, and loses no other finding.
func TestACrashedCheckLosesNothingElse(t *testing.T) {
	var s facts.Set
	s.PutBool(facts.Online, false, "network")
	s.PutUnknown(facts.CookieKept, facts.ReasonCrashed, "storage")
	causes := append([]Cause{
		{Code: "self.first-test", Severity: Blocking, match: func(*facts.Set) *match { panic("first") }},
		{Code: "self.second-test", Severity: Blocking, match: func(*facts.Set) *match { var m *match; return &match{oneOf: m.oneOf} }},
	}, Causes()...)
	r := JudgeWith(causes, &s)
	assert.Equal(t, Blocked, r.Verdict)
	var codes []Code
	for _, f := range r.Findings {
		codes = append(codes, f.Code)
	}
	assert.Equal(t, []Code{"network.offline", "self.check-crashed"}, codes)
	assert.Len(t, r.Findings[1].Evidence, 3, "one finding for the checks and the observers that crashed")
	assert.Contains(t, r.NotChecked, NotChecked{Code: "self.first-test", Reason: facts.ReasonCrashed})
	assert.Contains(t, r.NotChecked, NotChecked{Code: "self.second-test", Reason: facts.ReasonCrashed})
}
