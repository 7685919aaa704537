package facts_test

import (
	"regexp"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/facts"
)

func TestUntouchedFactsAreUnknown(t *testing.T) {
	var s facts.Set
	for _, k := range facts.All() {
		e := s.Entry(k)
		assert.Equal(t, facts.Unknown, e.State, facts.Name(k))
		assert.Equal(t, facts.ReasonNotObserved, e.Reason, facts.Name(k))
	}
	assert.False(t, s.Is(facts.Online, false), "unknown must not count as false")
	assert.False(t, s.Is(facts.Online, true), "unknown must not count as true")
	assert.False(t, s.AtLeast(facts.FrameLoads, 0), "unknown must not count as zero")
	assert.False(t, s.Equals(facts.PopupResult, ""), "unknown must not count as empty")
	assert.False(t, s.Has(facts.FrameSandbox, ""))
}

func TestValuesThatAReportMayNotCarryStayUnknown(t *testing.T) {
	tests := map[string]struct {
		key   facts.StringKey
		value string
		keeps bool
	}{
		"an origin":                    {facts.ACSOrigin, "https://acs.issuer.test", true},
		"an origin with a port":        {facts.ACSOrigin, "http://127.0.0.1:8443", true},
		"an opaque origin":             {facts.ACSOrigin, "null", true},
		"a URL with a path":            {facts.ACSOrigin, "https://acs.issuer.test/c?id=7", false},
		"a URL with a user name":       {facts.ACSOrigin, "https://me@acs.issuer.test", false},
		"another scheme":               {facts.ACSOrigin, "javascript:alert(1)", false},
		"an allowed word":              {facts.PopupResult, "null", true},
		"a word that is not allowed":   {facts.PopupResult, "perhaps", false},
		"a zone":                       {facts.TimeZone, "America/Argentina/ComodRivadavia", true},
		"a zone that is a sentence":    {facts.TimeZone, "my card is 4000", false},
		"a zone that is a URL":         {facts.TimeZone, "https://x", false},
		"a zone with markup":           {facts.TimeZone, "<b>", false},
		"a word of more than 64 bytes": {facts.TimeZone, "Europe/Stockholm/Stockholm/Stockholm/Stockholm/Stockholm/Stockholm", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var s facts.Set
			s.PutString(tt.key, tt.value, "test")
			got, known := s.String(tt.key)
			assert.Equal(t, tt.keeps, known)
			if tt.keeps {
				assert.Equal(t, tt.value, got)
			} else {
				assert.Equal(t, facts.ReasonInvalid, s.Entry(tt.key).Reason)
			}
		})
	}
}

func TestListsKeepOnlyTokens(t *testing.T) {
	var s facts.Set
	s.PutList(facts.FrameSandbox, []string{"allow-forms", "<script>", "", "allow-scripts"}, "frame")
	got, known := s.List(facts.FrameSandbox)
	require.True(t, known)
	assert.Equal(t, []string{"allow-forms", "allow-scripts"}, got)
}

// TestASetIsSharedByObserversThatAreLate: one whose time is up may write on while
// its set is read.
func TestASetIsSharedByObserversThatAreLate(t *testing.T) {
	var set facts.Set
	var writing sync.WaitGroup
	for range 4 {
		writing.Go(func() {
			for _, k := range facts.All() {
				set.PutUnknown(k, facts.ReasonTimedOut, "late")
			}
		})
	}
	for range 4 {
		var whole facts.Set
		whole.Merge(&set)
		_ = set.Tree()
	}
	writing.Wait()
	assert.Equal(t, len(facts.All()), set.Len())
}

func TestKeysAreNamedAndExplainedOnce(t *testing.T) {
	shape := regexp.MustCompile(`^[a-z]+(\.[a-z]+(-[a-z]+)*){1,2}$`)
	seen := map[string]bool{}
	for _, k := range facts.All() {
		name := facts.Name(k)
		assert.Regexp(t, shape, name)
		assert.Equal(t, runtime.GOOS == "js", facts.Doc(k) == "", name) // the module has no use for it
		assert.False(t, seen[name], "%s is declared twice", name)
		seen[name] = true
	}
}

func full() *facts.Set {
	var s facts.Set
	s.PutBool(facts.Online, true, "network")
	s.PutInt(facts.FrameLoads, 2, "frame")
	s.PutString(facts.PopupResult, "window", "popup")
	s.PutList(facts.TimeZoneCountries, []string{"SE"}, "vantage")
	s.PutUnknown(facts.CookieKept, facts.ReasonTimedOut, "storage")
	s.PutNotApplicable(facts.PopupHello, facts.ReasonNoGesture, "popup")
	return &s
}

func TestTreeRoundTrip(t *testing.T) {
	tree := full().Tree()
	again, unknown, err := facts.FromTree(tree)
	require.NoError(t, err)
	assert.Empty(t, unknown)
	assert.Equal(t, full(), again)
	assert.Equal(t, map[string]any{"value": float64(2), "from": "frame"}, tree["threeds.frame.loads"])
	assert.Equal(t, map[string]any{"unknown": "timed-out", "from": "storage"}, tree["cookie.kept"])
	assert.Equal(t, map[string]any{"notApplicable": "no-gesture", "from": "popup"}, tree["popup.hello"])
}

func TestFromTreeRefuses(t *testing.T) {
	tests := map[string]struct {
		tree map[string]any
		want string
	}{
		"a fact that is no object":     {map[string]any{"network.online": true}, "fact network.online: is not an object"},
		"a fact without a state":       {map[string]any{"network.online": map[string]any{}}, "fact network.online: has none of value, unknown, notApplicable"},
		"a bool that is a string":      {value("network.online", "yes"), "fact network.online: cannot hold yes"},
		"a count that is a fraction":   {value("threeds.frame.loads", 1.5), "fact threeds.frame.loads: cannot hold 1.5"},
		"a count beyond 2^53":          {value("threeds.frame.loads", 1e300), "fact threeds.frame.loads: cannot hold 1e+300"},
		"an enum with a foreign word":  {value("popup.result", "maybe"), "fact popup.result: cannot hold maybe"},
		"an origin with a path":        {value("threeds.acs.origin", "https://a.test/p"), "fact threeds.acs.origin: cannot hold https://a.test/p"},
		"a list with markup":           {value("threeds.frame.sandbox", []any{"<b>"}), "fact threeds.frame.sandbox: cannot hold the item <b>"},
		"a reason that is a sentence":  {map[string]any{"network.online": map[string]any{"unknown": "my card is 4000"}}, "fact network.online: has a reason that is no word"},
		"an observer that is a URL":    {map[string]any{"network.online": map[string]any{"value": true, "from": "https://a.test/?q"}}, "fact network.online: has an observer whose name is no word"},
		"a list where a word is meant": {value("popup.result", []any{"window"}), "fact popup.result: cannot hold [window]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := facts.FromTree(tt.tree)
			assert.EqualError(t, err, tt.want)
		})
	}
}

func value(key string, v any) map[string]any {
	return map[string]any{key: map[string]any{"value": v, "from": "x"}}
}

func TestFactsOfALaterVersionAreNamed(t *testing.T) {
	s, unknown, err := facts.FromTree(value("quantum.entangled", true))
	require.NoError(t, err)
	assert.Equal(t, []string{"quantum.entangled"}, unknown)
	assert.Zero(t, s.Len())
}

func TestMergeTakesOver(t *testing.T) {
	var s facts.Set
	s.PutUnknown(facts.Online, facts.ReasonNotAsked, "network")
	s.Merge(full())
	assert.True(t, s.Is(facts.Online, true))
	assert.Equal(t, 6, s.Len())
}

func TestOnlyAFailureToLookIsHarmful(t *testing.T) {
	harmful := []facts.Reason{facts.ReasonTimedOut, facts.ReasonCrashed, facts.ReasonUnreachable, facts.ReasonRefused, facts.ReasonCancelled, facts.ReasonInvalid, facts.ReasonNotObserved}
	for _, r := range harmful {
		assert.False(t, r.Harmless(), r)
	}
	for _, r := range []facts.Reason{facts.ReasonNotConfigured, facts.ReasonNotAsked, facts.ReasonNoGesture, facts.ReasonOtherOrigin, facts.ReasonUnsupported, facts.ReasonNotKnown} {
		assert.True(t, r.Harmless(), r)
	}
}
