//go:build js && wasm

package observe

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/facts"
)

// stated returns what becomes of the outcome that a host page hands in.
func stated(t *testing.T, outcome string) *facts.Set {
	t.Helper()
	b := looking(t)
	b.outcome = script(t, "("+outcome+")")
	set := &facts.Set{}
	b.observeStated(set, "frame")
	return set
}

// A report has no place for more than codes, whatever a page hands in.
func TestOnlyCodesAreTakenOver(t *testing.T) {
	set := stated(t, `{transStatus: "R", transStatusReason: "05", errorCode: "301", declineCode: "insufficient_funds"}`)
	assert.True(t, set.Equals(facts.TransStatusReason, "05"))
	assert.True(t, set.Equals(facts.ErrorCode, "301"))
	assert.True(t, set.Equals(facts.DeclineCode, "insufficient_funds"))
	assert.True(t, stated(t, `{declineCode: "54"}`).Equals(facts.DeclineCode, "54"))

	for _, outcome := range []string{
		`{declineCode: "4000000000000002"}`, `{declineCode: "4000-0000-0000-0002"}`, `{declineCode: "anna@example.com"}`,
		`{declineCode: "insufficient_funds_on_the_account_of_the_holder"}`,
	} {
		assert.Equal(t, facts.ReasonInvalid, stated(t, outcome).Entry(facts.DeclineCode).Reason, outcome)
	}
	for _, reason := range []string{"5", "005", "0a", "１２"} {
		set := stated(t, `{transStatusReason: "`+reason+`", errorCode: "`+reason+`x"}`)
		assert.Equal(t, facts.ReasonInvalid, set.Entry(facts.TransStatusReason).Reason, reason)
		assert.Equal(t, facts.ReasonInvalid, set.Entry(facts.ErrorCode).Reason, reason)
	}
	assert.Equal(t, facts.NotApplicable, stated(t, `{}`).Entry(facts.DeclineCode).State)
	assert.Equal(t, facts.NotApplicable, stated(t, `{declineCode: 54}`).Entry(facts.DeclineCode).State)
}

func TestFeaturesThatAFrameIsGiven(t *testing.T) {
	for allow, want := range map[string]struct{ withSrc, byForm []string }{
		"": {},
		"payment *; publickey-credentials-get *": {
			[]string{"payment", "publickey-credentials-get"}, []string{"payment", "publickey-credentials-get"},
		},
		"payment": {withSrc: []string{"payment"}},
		"payment 'src'; publickey-credentials-get 'self'": {withSrc: []string{"payment"}},
		"publickey-credentials-get 'self' https://acs.test;camera *;": {
			[]string{"publickey-credentials-get"}, []string{"publickey-credentials-get"},
		},
		"payment 'none'; publickey-credentials-create *": {},
	} {
		assert.Equal(t, want.withSrc, handedOn(allow, "https://acs.test/challenge"), allow)
		assert.Equal(t, want.byForm, handedOn(allow, ""), allow)
	}
}

func TestTheEndOfAChallengeIsKnownWithAndWithoutAFrame(t *testing.T) {
	tests := map[string]struct {
		handover         string
		completed, cres  facts.Entry
		transaction, age facts.State
	}{
		"nothing asked for": {`{recording: true}`,
			facts.Entry{State: facts.NotApplicable, Reason: facts.ReasonNotConfigured}, facts.Entry{State: facts.NotApplicable, Reason: facts.ReasonNotConfigured},
			facts.NotApplicable, facts.NotApplicable},
		"a frame that goes on": {`{recording: true, frameNotes: {}}`,
			facts.Entry{State: facts.Known}, facts.Entry{State: facts.NotApplicable, Reason: facts.ReasonNotConfigured},
			facts.NotApplicable, facts.NotApplicable},
		"a frame that ended": {`{recording: true, frameNotes: {}, end: {age: 7.4, cres: "padded", transaction: "same"}}`,
			facts.Entry{State: facts.Known, Bool: true}, facts.Entry{State: facts.Known, Str: "padded"}, facts.Known, facts.Known},
		"a window that ended": {`{recording: true, options: {threeDS: {acsURL: "https://acs.test/c"}}, end: {age: 7, cres: "none", transaction: "absent"}}`,
			facts.Entry{State: facts.Known, Bool: true}, facts.Entry{State: facts.Known, Str: "none"}, facts.Known, facts.Known},
		"nobody records": {`{options: {threeDS: {acsURL: "https://acs.test/c"}}}`,
			facts.Entry{Reason: facts.ReasonNotConfigured}, facts.Entry{Reason: facts.ReasonNotConfigured}, facts.Unknown, facts.Unknown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := looking(t)
			b.Handover = ReadHandover(script(t, "("+tt.handover+")"))
			var set facts.Set
			b.observeEnd(&set, "frame")
			tt.completed.From, tt.cres.From = "frame", "frame"
			assert.Equal(t, tt.completed, set.Entry(facts.FrameCompleted))
			assert.Equal(t, tt.cres, set.Entry(facts.MessageCRes))
			assert.Equal(t, tt.transaction, set.Entry(facts.MessageTransaction).State)
			assert.Equal(t, tt.age, set.Entry(facts.MessageAge).State)
		})
	}
}

func TestTheTimeOfAChallengeRunsOut(t *testing.T) {
	const asked = `acsURL: "https://acs.test/"`
	for handover, want := range map[string]bool{
		`{frameNotes: {lived: 999, opened: 999}, options: {threeDS: {timeLimit: 1000, ` + asked + `}}}`:                 false,
		`{frameNotes: {lived: 1000, opened: 400}, options: {threeDS: {timeLimit: 1000, ` + asked + `}}}`:                true,
		`{frameNotes: {lived: 1000}, options: {threeDS: {timeLimit: 1000, ` + asked + `}}}`:                             true,  // of an issuer that hangs
		`{frameNotes: {lived: 1000}, options: {threeDS: {timeLimit: 1000}}}`:                                            false, // put in long before it is needed
		`{frameNotes: {lived: 90000, opened: 999}, options: {threeDS: {timeLimit: 1000, ` + asked + `}}}`:               false, // the same
		`{frameNotes: {lived: 90000, opened: 1000}, options: {threeDS: {timeLimit: 1000, ` + asked + `}}}`:              true,
		`{frameNotes: {lived: 1000, opened: 999}, end: {age: 1}, options: {threeDS: {timeLimit: 1000, ` + asked + `}}}`: false,
		`{frameNotes: {lived: 599999}, options: {threeDS: {timeLimit: 0, ` + asked + `}}}`:                              false,
		`{frameNotes: {lived: 600000}, options: {threeDS: {timeLimit: "soon", ` + asked + `}}}`:                         true,
	} {
		b := looking(t)
		b.Handover = ReadHandover(script(t, "("+handover+")"))
		assert.Equal(t, want, b.timedOut(), handover)
	}
}
