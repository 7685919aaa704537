package probe

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/facts"
)

func TestTheOtherWindowOfAClickIsNotTheChallenges(t *testing.T) {
	blocked := func(windows int, second bool) []Problem {
		v := finding("popup.blocked", view{payment: Truth{Popups: windows}})
		v.report.Facts.PutBool(facts.HostPopupSecond, second, "handover")
		return contradictions(v)
	}
	assert.Empty(t, blocked(0, false))
	assert.NotEmpty(t, blocked(1, false))
	assert.Empty(t, blocked(1, true), "only the page's help is open")
	assert.NotEmpty(t, blocked(2, true))
}

// away is a payment whose challenge took the page's place and was posted back.
func away() Truth {
	t := after(method, methodBack, challengeOK, answer, step{shop, acs, 200})
	for i := 2; i < len(t.Posts); i++ {
		t.Posts[i].Tab, t.Statuses[i].Frame = true, false
	}
	return t
}

func TestAChallengeInPlaceOfThePageIsAChallenge(t *testing.T) {
	v := finding("cookie.samesite-lost", view{payment: away()})
	assert.Equal(t, 1, v.challengesAsked())
	assert.Equal(t, 1, v.challengesReturned())
	assert.Len(t, v.challengeStatuses(), 1)
	assert.NotEmpty(t, contradictions(v), "no cookie stayed behind")
	v.payment.Issues = []Issue{{Code: SameSiteIssue, Directive: "SameSiteLax", Origin: shop}}
	assert.Empty(t, contradictions(v))
	v.payment = after(method, methodBack, challengeOK, answer, step{shop, acs, 200})
	v.payment.Issues = []Issue{{Code: SameSiteIssue, Directive: "SameSiteLax", Origin: shop}}
	assert.NotEmpty(t, contradictions(v), "the challenge stood in a frame")
}

func TestAChallengeInPlaceOfThePageHasNotLeftItsFrame(t *testing.T) {
	left := finding("threeds.acs-left-frame", view{payment: after(method, methodBack, challengeOK)})
	assert.NotEmpty(t, contradictions(left))
	left.payment.Statuses = append(left.payment.Statuses, Status{Origin: acs, Code: 200})
	assert.Empty(t, contradictions(left))
	assert.NotEmpty(t, contradictions(finding("threeds.acs-left-frame", view{payment: away()})), "it was sent there")
}
