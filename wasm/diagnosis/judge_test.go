package diagnosis_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

// healthy is what a run sees in a browser in which a challenge was completed.
func healthy() *facts.Set {
	var s facts.Set
	const from = "test"
	s.PutString(facts.Mode, "embed", from)
	s.PutString(facts.Engine, "chromium", from)
	s.PutString(facts.PopupResult, "window", from)
	s.PutBool(facts.PopupActivationBefore, true, from)
	s.PutBool(facts.PopupActivationSpent, true, from)
	s.PutBool(facts.PopupNative, true, from)
	s.PutBool(facts.PopupHello, true, from)
	s.PutBool(facts.PopupClosedEarly, false, from)
	s.PutBool(facts.PopupSandboxed, false, from)
	s.PutNotApplicable(facts.HostPopupResult, facts.ReasonNotConfigured, from)
	s.PutNotApplicable(facts.HostPopupActivation, facts.ReasonNotConfigured, from)
	s.PutBool(facts.CookieEnabled, true, from)
	s.PutBool(facts.CookieKept, true, from)
	s.PutString(facts.LocalStorage, "kept", from)
	s.PutString(facts.HelperReached, "answered", from)
	s.PutBool(facts.ThirdPartyHeader, true, from)
	s.PutBool(facts.ThirdPartyScript, true, from)
	s.PutBool(facts.PartitionedHeader, true, from)
	s.PutBool(facts.StorageAccess, true, from)
	s.PutBool(facts.WorkerControls, false, from)
	s.PutNotApplicable(facts.WorkerStale, facts.ReasonNotConfigured, from)
	s.PutBool(facts.ScriptStale, false, from)
	s.PutInt(facts.AssetsChecked, 1, from)
	s.PutBool(facts.Online, true, from)
	s.PutString(facts.ControlReached, "answered", from)
	s.PutString(facts.VantageReached, "answered", from)
	s.PutString(facts.AddressCountry, "SE", from)
	s.PutString(facts.TimeZone, "Europe/Stockholm", from)
	s.PutList(facts.TimeZoneCountries, []string{"SE"}, from)
	s.PutBool(facts.FramePresent, true, from)
	s.PutInt(facts.FrameLoads, 2, from)
	s.PutString(facts.FrameAccess, "cross-origin", from)
	s.PutBool(facts.FrameSandboxed, false, from)
	s.PutNotApplicable(facts.FrameSandbox, facts.ReasonNotConfigured, from)
	s.PutBool(facts.FrameCollapsed, false, from)
	s.PutInt(facts.FrameChildren, 0, from)
	s.PutInt(facts.FrameMessages, 1, from)
	s.PutBool(facts.FrameCompleted, true, from)
	s.PutBool(facts.FrameFocused, false, from)
	s.PutBool(facts.ViolationFrameSrc, false, from)
	s.PutBool(facts.ViolationFormAction, false, from)
	s.PutBool(facts.ReportAncestors, false, from)
	s.PutString(facts.ACSOrigin, "https://acs.issuer.test", from)
	s.PutString(facts.ACSFetch, "answered", from)
	s.PutString(facts.ACSObject, "loaded", from)
	s.PutString(facts.ACSPrefetch, "loaded", from)
	s.PutString(facts.MethodIndicator, "Y", from)
	return &s
}

// stuck is a challenge frame that showed its first page and no more.
func stuck(s *facts.Set) {
	s.PutInt(facts.FrameLoads, 1, "test")
	s.PutInt(facts.FrameMessages, 0, "test")
	s.PutBool(facts.FrameCompleted, false, "test")
}

func acs(s *facts.Set, fetch, object, prefetch string) {
	stuck(s)
	s.PutString(facts.ACSFetch, fetch, "test")
	s.PutString(facts.ACSObject, object, "test")
	s.PutString(facts.ACSPrefetch, prefetch, "test")
}

func noCookies(s *facts.Set) {
	s.PutBool(facts.ThirdPartyHeader, false, "test")
	s.PutBool(facts.ThirdPartyScript, false, "test")
	s.PutBool(facts.StorageAccess, false, "test")
}

// symptoms are changes to a healthy set and the findings that they must give,
// besides the advice of a clear verdict.
var symptoms = map[string]struct {
	change   func(*facts.Set)
	verdict  diagnosis.Verdict
	findings []string // code and confidence
	hidden   []diagnosis.Code
}{
	"a completed challenge":               {func(*facts.Set) {}, "clear", nil, nil},
	"a challenge that waits for the user": {func(s *facts.Set) { stuck(s) }, "clear", nil, nil},
	"an extension that answers for window.open with nothing": {func(s *facts.Set) {
		s.PutString(facts.PopupResult, "null", "test")
		s.PutBool(facts.PopupActivationSpent, false, "test")
		s.PutBool(facts.PopupNative, false, "test")
	}, "blocked", []string{"popup.overridden certain"}, nil},
	"an extension that disguises its function": {func(s *facts.Set) {
		s.PutString(facts.PopupResult, "null", "test")
		s.PutBool(facts.PopupActivationSpent, false, "test")
	}, "blocked", []string{"popup.overridden likely"}, nil},
	"an extension that gives a fake window": {func(s *facts.Set) {
		s.PutBool(facts.PopupHello, false, "test")
		s.PutBool(facts.PopupActivationSpent, false, "test")
		s.PutBool(facts.PopupNative, false, "test")
	}, "blocked", []string{"popup.overridden certain"}, nil},
	"a monitoring script that wraps window.open": {func(s *facts.Set) {
		s.PutBool(facts.PopupNative, false, "test")
	}, "clear", nil, nil},
	"a monitoring script before a browser that refuses the window": {func(s *facts.Set) {
		s.PutString(facts.PopupResult, "null", "test")
		s.PutBool(facts.PopupNative, false, "test")
	}, "blocked", []string{"popup.blocked likely"}, nil},
	"a monitoring script on a network too slow for the hello": {func(s *facts.Set) {
		s.PutBool(facts.PopupNative, false, "test")
		s.PutBool(facts.PopupHello, false, "test")
	}, "clear", nil, nil},
	"a window refused in a frame of which nobody knows whether it is sandboxed": {func(s *facts.Set) {
		s.PutString(facts.PopupResult, "null", "test")
		s.PutBool(facts.PopupActivationSpent, false, "test")
		s.PutUnknown(facts.PopupSandboxed, facts.ReasonUnsupported, "test")
	}, "clear", nil, nil},
	"a window refused in the gesture": {func(s *facts.Set) {
		s.PutString(facts.PopupResult, "null", "test")
	}, "blocked", []string{"popup.blocked likely"}, nil},
	"a window refused in a sandboxed frame": {func(s *facts.Set) {
		s.PutString(facts.PopupResult, "null", "test")
		s.PutBool(facts.PopupSandboxed, true, "test")
	}, "clear", nil, nil},
	"the payment's window opened too late": {func(s *facts.Set) {
		s.PutString(facts.HostPopupResult, "null", "test")
		s.PutBool(facts.HostPopupActivation, false, "test")
	}, "blocked", []string{"popup.blocked certain"}, nil},
	"the payment's window refused with an activation": {func(s *facts.Set) {
		s.PutString(facts.HostPopupResult, "null", "test")
		s.PutBool(facts.HostPopupActivation, true, "test")
	}, "blocked", []string{"popup.blocked likely"}, nil},
	"a window closed at once": {func(s *facts.Set) {
		s.PutBool(facts.PopupClosedEarly, true, "test")
	}, "blocked", []string{"popup.closed-at-once likely"}, nil},
	"a window that was cut off or closed before it could speak": {func(s *facts.Set) {
		s.PutBool(facts.PopupClosedEarly, true, "test")
		s.PutBool(facts.PopupHello, false, "test")
	}, "blocked", []string{"popup.closed-at-once possible"}, nil},
	"a window that an isolated page is cut off from": {func(s *facts.Set) {
		s.PutBool(facts.CrossIsolated, true, "test")
		s.PutBool(facts.PopupClosedEarly, true, "test")
		s.PutBool(facts.PopupHello, false, "test")
	}, "clear", nil, nil},
	"no gesture for the pop-up check": {func(s *facts.Set) {
		s.PutUnknown(facts.PopupResult, facts.ReasonNoGesture, "test")
	}, "clear", nil, nil},
	"a collapsed frame": {func(s *facts.Set) {
		acs(s, "answered", "failed", "failed")
		s.PutBool(facts.FrameCollapsed, true, "test")
	}, "blocked", []string{"blocker.frame-blocked likely"}, []diagnosis.Code{"threeds.acs-no-sign-of-life"}},
	"all cookies blocked": {func(s *facts.Set) {
		noCookies(s)
		s.PutBool(facts.CookieKept, false, "test")
		s.PutString(facts.LocalStorage, "refused", "test")
	}, "blocked", []string{"cookie.disabled certain"}, []diagnosis.Code{"cookie.third-party-blocked"}},
	"cookies off by the browser's word, storage kept": {func(s *facts.Set) {
		s.PutBool(facts.CookieKept, false, "test")
		s.PutBool(facts.CookieEnabled, false, "test")
	}, "blocked", []string{"cookie.disabled likely"}, []diagnosis.Code{"cookie.first-party-blocked"}},
	"this site's cookies blocked": {func(s *facts.Set) {
		s.PutBool(facts.CookieKept, false, "test")
	}, "blocked", []string{"cookie.first-party-blocked likely"}, nil},
	"third-party cookies blocked, challenge completed": {noCookies,
		"clear", []string{"cookie.third-party-blocked certain"}, nil},
	"third-party cookies stripped from the request only": {func(s *facts.Set) {
		s.PutBool(facts.ThirdPartyHeader, false, "test")
	}, "clear", []string{"cookie.third-party-blocked likely"}, nil},
	"third-party cookies partitioned": {func(s *facts.Set) {
		s.PutBool(facts.StorageAccess, false, "test")
	}, "clear", []string{"cookie.third-party-partitioned certain"}, nil},
	"an issuer that needs the blocked cookie": {func(s *facts.Set) {
		noCookies(s)
		stuck(s)
	}, "blocked", []string{"threeds.acs-needs-cookie likely", "cookie.third-party-blocked certain"}, nil},
	"third-party cookies blocked, and a user who is at work in the challenge": {func(s *facts.Set) {
		noCookies(s)
		stuck(s)
		s.PutBool(facts.FrameFocused, true, "test")
	}, "clear", []string{"cookie.third-party-blocked certain"}, nil},
	"a stale worker": {func(s *facts.Set) {
		s.PutBool(facts.WorkerControls, true, "test")
		s.PutBool(facts.WorkerStale, true, "test")
	}, "blocked", []string{"cache.stale-worker certain"}, nil},
	"a stale script": {func(s *facts.Set) {
		s.PutBool(facts.ScriptStale, true, "test")
	}, "blocked", []string{"cache.stale-script certain"}, nil},
	"offline": {func(s *facts.Set) {
		acs(s, "failed", "failed", "failed")
		s.PutBool(facts.Online, false, "test")
		s.PutString(facts.ControlReached, "failed", "test")
		s.PutString(facts.HelperReached, "timed-out", "test")
		s.PutString(facts.VantageReached, "failed", "test")
	}, "blocked", []string{"network.offline certain"}, []diagnosis.Code{"self.vantage-unreachable", "self.helper-unreachable"}},
	"offline by onLine, but the control answers": {func(s *facts.Set) {
		s.PutBool(facts.Online, false, "test")
	}, "clear", nil, nil},
	"an address abroad": {func(s *facts.Set) {
		s.PutString(facts.AddressCountry, "BR", "test")
	}, "clear", []string{"vpn.suspected possible"}, nil},
	"an address abroad and a clock on UTC": {func(s *facts.Set) {
		s.PutString(facts.AddressCountry, "BR", "test")
		s.PutList(facts.TimeZoneCountries, nil, "test")
	}, "clear", nil, nil},
	"the page's policy refuses the frame": {func(s *facts.Set) {
		acs(s, "answered", "loaded", "loaded")
		s.PutBool(facts.ViolationFrameSrc, true, "test")
	}, "blocked", []string{"threeds.page-csp-frame-src certain"}, nil},
	"a sandbox without forms": {func(s *facts.Set) {
		stuck(s)
		s.PutBool(facts.FrameSandboxed, true, "test")
		s.PutList(facts.FrameSandbox, []string{"allow-scripts", "allow-same-origin"}, "test")
	}, "blocked", []string{"threeds.frame-sandbox certain"}, nil},
	"a sandbox without scripts": {func(s *facts.Set) {
		stuck(s)
		s.PutBool(facts.FrameSandboxed, true, "test")
		s.PutList(facts.FrameSandbox, []string{"allow-forms"}, "test")
	}, "blocked", []string{"threeds.frame-sandbox certain"}, nil},
	"a sandbox with all that a challenge needs": {func(s *facts.Set) {
		stuck(s)
		s.PutBool(facts.FrameSandboxed, true, "test")
		s.PutList(facts.FrameSandbox, []string{"allow-forms", "allow-scripts"}, "test")
	}, "clear", nil, nil},
	"X-Frame-Options": {func(s *facts.Set) { acs(s, "answered", "failed", "loaded") },
		"blocked", []string{"threeds.acs-frame-options likely"}, nil},
	"frame-ancestors": {func(s *facts.Set) {
		acs(s, "answered", "failed", "loaded")
		s.PutBool(facts.ReportAncestors, true, "test")
	}, "blocked", []string{"threeds.acs-frame-ancestors certain"}, []diagnosis.Code{"threeds.acs-frame-options"}},
	"an issuer that cannot be reached": {func(s *facts.Set) { acs(s, "failed", "failed", "failed") },
		"blocked", []string{"threeds.acs-unreachable likely"}, nil},
	"an issuer whose resource policy fails our request, with a sign of life": {func(s *facts.Set) {
		acs(s, "failed", "failed", "failed")
		s.PutInt(facts.FrameMessages, 1, "test")
	}, "clear", nil, nil},
	"an issuer whose resource policy fails our request, waiting for the user": {func(s *facts.Set) {
		acs(s, "failed", "loaded", "loaded")
	}, "clear", nil, nil},
	"an error page, or a page that may not be framed, where no prefetch tells": {func(s *facts.Set) {
		acs(s, "answered", "failed", "failed")
		s.PutUnknown(facts.ACSPrefetch, facts.ReasonUnsupported, "test")
	}, "blocked", []string{"threeds.acs-no-sign-of-life possible"}, nil},
	"an issuer that never answers, where no prefetch tells": {func(s *facts.Set) {
		acs(s, "answered", "timed-out", "timed-out")
		s.PutUnknown(facts.ACSPrefetch, facts.ReasonUnsupported, "test")
		s.PutInt(facts.FrameLoads, 0, "test")
		s.PutString(facts.FrameAccess, "blank", "test")
	}, "blocked", []string{"threeds.acs-hang likely"}, nil},
	"nothing can be reached": {func(s *facts.Set) {
		acs(s, "failed", "failed", "failed")
		s.PutString(facts.ControlReached, "failed", "test")
	}, "blocked", []string{"threeds.acs-unreachable possible"}, nil},
	"an issuer that never answers": {func(s *facts.Set) {
		acs(s, "answered", "timed-out", "timed-out")
		s.PutInt(facts.FrameLoads, 0, "test")
		s.PutString(facts.FrameAccess, "blank", "test")
	}, "blocked", []string{"threeds.acs-hang likely"}, nil},
	"an error page": {func(s *facts.Set) { acs(s, "answered", "failed", "failed") },
		"blocked", []string{"threeds.acs-no-sign-of-life possible"}, nil},
	"an issuer that refuses GET, with a sign of life": {func(s *facts.Set) {
		acs(s, "answered", "failed", "failed")
		s.PutBool(facts.FrameFocused, true, "test")
	}, "clear", nil, nil},
	"a notification page that says nothing": {func(s *facts.Set) {
		stuck(s)
		s.PutInt(facts.FrameLoads, 2, "test")
	}, "blocked", []string{"threeds.notification-silent possible"}, nil},
	"a method time-out": {func(s *facts.Set) { s.PutString(facts.MethodIndicator, "N", "test") },
		"clear", []string{"threeds.method-timeout certain"}, nil},
	"our vantage is down": {func(s *facts.Set) {
		s.PutString(facts.VantageReached, "failed", "test")
		s.PutUnknown(facts.AddressCountry, facts.ReasonUnreachable, "test")
	}, "clear", []string{"self.vantage-unreachable certain"}, nil},
	"our helper is down, challenge completed": {func(s *facts.Set) {
		s.PutString(facts.HelperReached, "timed-out", "test")
		s.PutUnknown(facts.ThirdPartyHeader, facts.ReasonUnreachable, "test")
		s.PutUnknown(facts.StorageAccess, facts.ReasonUnreachable, "test")
	}, "clear", []string{"self.helper-unreachable certain"}, nil},
	"an observer crashed": {func(s *facts.Set) {
		s.PutUnknown(facts.LocalStorage, facts.ReasonCrashed, "test")
	}, "inconclusive", []string{"self.check-crashed certain"}, nil},
	"the storage check timed out": {func(s *facts.Set) {
		s.PutUnknown(facts.CookieKept, facts.ReasonTimedOut, "test")
	}, "inconclusive", nil, nil},
}

func TestJudgeNames(t *testing.T) {
	for name, tt := range symptoms {
		t.Run(name, func(t *testing.T) {
			s := healthy()
			tt.change(s)
			r := diagnosis.Judge(s)
			assert.Equal(t, tt.verdict, r.Verdict)
			assert.Equal(t, tt.findings, named(r))
			var hidden []diagnosis.Code
			for _, h := range r.Hidden {
				hidden = append(hidden, h.Code)
			}
			for _, code := range tt.hidden {
				assert.Contains(t, hidden, code)
			}
		})
	}
}

// named lists the findings as "code confidence", without the advice of clear.
func named(r diagnosis.Result) []string {
	var out []string
	for _, f := range r.Findings {
		if f.Code != "payment.nothing-found" {
			out = append(out, string(f.Code)+" "+string(f.Confidence))
		}
	}
	return out
}

// TestEverySymptomNeedsItsCheck removes each cause that a symptom names and
// expects it to go unnamed: no finding rests on another check.
func TestEverySymptomNeedsItsCheck(t *testing.T) {
	covered := map[diagnosis.Code]bool{}
	for _, tt := range symptoms {
		s := healthy()
		tt.change(s)
		for _, f := range diagnosis.Judge(s).Findings {
			covered[f.Code] = true
			without := slices.DeleteFunc(diagnosis.Causes(), func(c diagnosis.Cause) bool { return c.Code == f.Code })
			for _, left := range diagnosis.JudgeWith(without, s).Findings {
				assert.NotEqual(t, f.Code, left.Code)
			}
		}
	}
	for _, c := range diagnosis.Causes() {
		assert.True(t, covered[c.Code], "no symptom gives %s", c.Code)
	}
}

// TestNothingSeenIsNoDiagnosis: without a single fact nothing may be found,
// and nothing may be called checked.
func TestNothingSeenIsNoDiagnosis(t *testing.T) {
	r := diagnosis.Judge(&facts.Set{})
	assert.Equal(t, diagnosis.Inconclusive, r.Verdict)
	assert.Empty(t, r.Findings)
	for _, c := range diagnosis.Causes() {
		if len(c.Needs) > 0 {
			assert.Contains(t, r.NotChecked, diagnosis.NotChecked{Code: c.Code, Reason: facts.ReasonNotObserved})
		}
	}
}

func TestFindingsSayWhyAndWhatToDo(t *testing.T) {
	for name, tt := range symptoms {
		s := healthy()
		tt.change(s)
		for _, f := range diagnosis.Judge(s).Findings {
			c, ok := diagnosis.Lookup(f.Code)
			require.True(t, ok)
			assert.Equal(t, c.Severity, f.Severity, name)
			assert.Contains(t, c.Confidences, f.Confidence, "%s: %s", name, f.Code)
			assert.Subset(t, c.OneOf, f.OneOf, "%s: %s", name, f.Code)
			if f.Code == "payment.nothing-found" {
				assert.NotEmpty(t, f.Fixes)
				continue
			}
			assert.NotEmpty(t, f.Evidence, "%s: %s", name, f.Code)
			if f.Confidence == diagnosis.Possible {
				assert.Greater(t, len(f.OneOf), 1, "%s: what is only possible must name the other explanations", name)
			}
		}
	}
}

func TestAPrivateWindowIsNotSuggestedWhereItMakesThingsWorse(t *testing.T) {
	s := healthy()
	noCookies(s)
	stuck(s)
	r := diagnosis.Judge(s)
	f := r.Findings[slices.IndexFunc(r.Findings, func(f diagnosis.Finding) bool { return f.Code == "threeds.acs-needs-cookie" })]
	assert.NotContains(t, f.Fixes, diagnosis.Fix{Code: "use-private-window", For: "user"})
	assert.Equal(t, []diagnosis.LeftOut{{Code: "use-private-window", Because: diagnosis.BecauseThirdPartyCookies}}, f.LeftOut)
}

func TestCausesAreDeclaredCompletely(t *testing.T) {
	remedies := map[diagnosis.FixCode]bool{}
	for _, r := range diagnosis.Remedies() {
		assert.False(t, remedies[r.Code], "%s is declared twice", r.Code)
		assert.NotEmpty(t, r.Source, r.Code)
		remedies[r.Code] = true
	}
	used := map[diagnosis.FixCode]bool{"use-private-window": true}
	seen := map[diagnosis.Code]bool{}
	for _, c := range diagnosis.Causes() {
		assert.Regexp(t, `^[a-z]+\.[a-z]+(-[a-z]+)*$`, string(c.Code))
		assert.False(t, seen[c.Code], "%s is declared twice", c.Code)
		seen[c.Code] = true
		assert.NotEmpty(t, c.Confidences, c.Code)
		assert.NotEmpty(t, c.Source, c.Code)
		assert.NotEmpty(t, c.Code.Family())
		for _, d := range c.DependsOn {
			_, ok := diagnosis.Lookup(d)
			assert.True(t, ok, "%s depends on %s, which is no cause", c.Code, d)
		}
		for _, f := range c.Fixes {
			assert.True(t, remedies[f], "%s suggests %s, which is no remedy", c.Code, f)
			used[f] = true
		}
	}
	for code := range remedies {
		assert.True(t, used[code], "no cause suggests %s", code)
	}
	_, ok := diagnosis.Lookup("no.such")
	assert.False(t, ok)
}
