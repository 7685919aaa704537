package web

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
)

// TestEveryReasonOfTheBanksHasItsQuestions, but for those that say nothing, which
// have the general ones.
func TestEveryReasonOfTheBanksHasItsQuestions(t *testing.T) {
	want := []string{"general"}
	for _, cause := range diagnosis.Causes() {
		if cause.Code == "payment.declined" {
			unsaid := func(variant string) bool { return variant == "no-reason" || variant == "another-reason" }
			want = append(want, slices.DeleteFunc(slices.Clone(cause.Variants), unsaid)...)
		}
	}
	eachLocale(t, func(t *testing.T, w Words) {
		var more struct {
			Bank struct{ Questions map[string][]string }
		}
		require.NoError(t, json.Unmarshal(w.More, &more))
		assert.ElementsMatch(t, want, slices.Collect(maps.Keys(more.Bank.Questions)))
		for variant, questions := range more.Bank.Questions {
			assert.NotEmpty(t, questions, variant)
		}
	})
}
