package diagnosis_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

func TestStageOfALiveChallenge(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*facts.Set)
		stage  diagnosis.Stage
	}{
		"no frame":           {func(s *facts.Set) { *s = facts.Set{} }, diagnosis.StageAbsent},
		"completed":          {func(*facts.Set) {}, diagnosis.StageCompleted},
		"completed, unheard": {unheard, diagnosis.StageIgnored},
		"only a load":        {func(s *facts.Set) { acs(s, "answered", "failed", "failed") }, diagnosis.StageLoading},
		"a page that can be": {stuck, diagnosis.StageWaiting},
		"focus in it": {func(s *facts.Set) {
			acs(s, "answered", "failed", "failed")
			s.PutBool(facts.FrameFocused, true, "test")
		}, diagnosis.StageWaiting},
		"a frame within":        {func(s *facts.Set) { acs(s, "answered", "failed", "failed"); s.PutInt(facts.FrameChildren, 1, "test") }, diagnosis.StageWaiting},
		"collapsed":             {func(s *facts.Set) { stuck(s); s.PutBool(facts.FrameCollapsed, true, "test") }, diagnosis.StageBlocked},
		"refused by the policy": {func(s *facts.Set) { stuck(s); s.PutBool(facts.ViolationFormAction, true, "test") }, diagnosis.StageBlocked},
		"hidden":                {func(s *facts.Set) { stuck(s); s.PutBool(facts.FrameHidden, true, "test") }, diagnosis.StageHidden},
		"too small":             {func(s *facts.Set) { stuck(s); s.PutInt(facts.FrameHeight, 90, "test") }, diagnosis.StageTooSmall},
		"covered":               {func(s *facts.Set) { stuck(s); s.PutBool(facts.FrameCovered, true, "test") }, diagnosis.StageCovered},
		"behind a dialog":       {func(s *facts.Set) { stuck(s); s.PutBool(facts.FrameBehindDialog, true, "test") }, diagnosis.StageCovered},
		"removed":               {func(s *facts.Set) { stuck(s); s.PutBool(facts.FrameRemoved, true, "test") }, diagnosis.StageRemoved},
		"time up":               {late, diagnosis.StageTimedOut},
	} {
		t.Run(name, func(t *testing.T) {
			s := healthy()
			tt.change(s)
			assert.Equal(t, tt.stage, diagnosis.StageOf(s))
		})
	}
}
