//go:build js && wasm

package observe

import (
	"testing"

	"github.com/hack-pad/safejs"
	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/facts"
)

// policies judges notes, given as a JavaScript list, of a challenge by the
// issuer at acs.test; "" leaves the issuer unknown.
func policies(t *testing.T, acsURL, notes string) *facts.Set {
	t.Helper()
	b := looking(t)
	b.acsURL, b.helper, b.frameWanted, b.recording = acsURL, "https://h.test", true, true
	b.providers = []string{"https://tds.test"}
	b.notes = items(script(t, "["+notes+"]"))
	set := &facts.Set{}
	b.observePolicies(set, "frame")
	return set
}

const acsURL = "https://acs.test/c"

func TestOnlyNotesAgainstTheIssuerCount(t *testing.T) {
	tests := map[string]struct {
		acsURL, note string
		value, known bool
	}{
		"nothing":                          {acsURL, "", false, true},
		"the issuer":                       {acsURL, `directive: "frame-src", origin: "https://acs.test", disposition: "enforce"`, true, true},
		"the issuer, only reported":        {acsURL, `directive: "frame-src", origin: "https://acs.test", disposition: "report"`, false, true},
		"our own prefetch":                 {acsURL, `directive: "default-src", origin: "https://acs.test", disposition: "enforce"`, false, true},
		"a tracker":                        {acsURL, `directive: "frame-src", origin: "https://t.test", disposition: "enforce"`, false, true},
		"a frame of a blob":                {acsURL, `directive: "frame-src", origin: "", disposition: "enforce"`, false, true},
		"somebody, the issuer unknown":     {"", `directive: "frame-src", origin: "https://t.test", disposition: "enforce"`, false, false},
		"our helper, the issuer unknown":   {"", `directive: "frame-src", origin: "https://h.test", disposition: "enforce"`, false, true},
		"another rule, the issuer unknown": {"", `directive: "img-src", origin: "https://t.test", disposition: "enforce"`, false, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			note := ""
			if tt.note != "" {
				note = `{kind: "violation", ` + tt.note + `}`
			}
			value, known := policies(t, tt.acsURL, note).Bool(facts.ViolationFrameSrc)
			assert.Equal(t, tt.known, known)
			assert.Equal(t, tt.value, value)
		})
	}
}

func TestReportsOfIsolationAreThoseOfFrames(t *testing.T) {
	for report, want := range map[string]bool{
		`directive: "iframe", disposition: "enforce"`:   true,
		`directive: "iframe", disposition: "reporting"`: false,
		`directive: "object", disposition: "enforce"`:   false,
	} {
		set := policies(t, acsURL, `{kind: "report", type: "coep", origin: "https://acs.test", `+report+`}`)
		assert.True(t, set.Is(facts.ReportIsolation, want), report)
		assert.True(t, set.Is(facts.ReportAncestors, false))
	}
}

// The browser puts its error page into the frame whose next page it refused.
func TestAFrameThatWasRefusedOnTheWayIsTheOneThatLoadsNext(t *testing.T) {
	const refused = `{kind: "violation", directive: "frame-src", origin: "https://acs2.test", disposition: "enforce", at: 100}`
	tests := map[string]struct {
		acsURL, notes string
		want          bool
	}{
		"the challenge's":               {acsURL, refused + `, {kind: "frame", event: "load", fromFrame: true, at: 120}`, true},
		"another one's":                 {acsURL, refused + `, {kind: "frame", event: "load", fromFrame: false, at: 110}, {kind: "frame", event: "load", fromFrame: true, at: 120}`, false},
		"the challenge's, much later":   {acsURL, refused + `, {kind: "frame", event: "load", fromFrame: true, at: 5000}`, false},
		"the challenge's, much earlier": {acsURL, `{kind: "frame", event: "load", fromFrame: true, at: 20}, ` + refused, false},
		"the helper's":                  {acsURL, `{kind: "violation", directive: "frame-src", origin: "https://h.test", disposition: "enforce", at: 1}, {kind: "frame", event: "load", fromFrame: true, at: 2}`, false},
		"of an unknown issuer":          {"", refused + `, {kind: "frame", event: "load", fromFrame: true, at: 120}`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			assert.True(t, policies(t, tt.acsURL, tt.notes).Is(facts.ViolationFrameHop, tt.want))
		})
	}
}

func TestAPostToAnIssuerThatThePolicyListsWasRefusedFurtherOn(t *testing.T) {
	for listed, want := range map[string]struct{ action, hop bool }{"false": {true, false}, "true": {false, true}} {
		set := policies(t, acsURL, `{kind: "violation", directive: "form-action", origin: "https://acs.test", disposition: "enforce", listed: `+listed+`}`)
		assert.True(t, set.Is(facts.ViolationFormAction, want.action), listed)
		assert.True(t, set.Is(facts.ViolationFormHop, want.hop), listed)
	}
}

// What stops a script stops a payment before there is a challenge.
func TestScriptsAreJudgedWithoutAChallenge(t *testing.T) {
	const provider = `{kind: "violation", directive: "script-src-elem", origin: "https://tds.test", disposition: "enforce"}`
	b := looking(t)
	b.recording, b.providers, b.notes = true, []string{"https://tds.test"}, []safejs.Value{script(t, "("+provider+")")}
	var set facts.Set
	b.observePolicies(&set, "frame")
	assert.True(t, set.Is(facts.ViolationScriptSrc, true))
	assert.True(t, set.Is(facts.ViolationTypes, false))
	assert.Equal(t, facts.NotApplicable, set.Entry(facts.ViolationFrameSrc).State)

	b.providers = nil
	b.observePolicies(&set, "frame")
	assert.Equal(t, facts.Unknown, set.Entry(facts.ViolationScriptSrc).State, "it may be anybody's")

	b.recording = false
	b.observePolicies(&set, "frame")
	assert.Equal(t, facts.NotApplicable, set.Entry(facts.ViolationTypes).State)
}
