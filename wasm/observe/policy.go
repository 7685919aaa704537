//go:build js && wasm

package observe

import (
	"cmp"
	"slices"

	"checkoutdoctor/wasm/facts"
)

// framePolicies are what policies said of the challenge.
var framePolicies = []facts.Declared{
	facts.ViolationFrameSrc, facts.ViolationFrameHop, facts.ReportAncestors, facts.ReportIsolation,
}

// earlyPolicies are what they said of scripts and forms, which may have ended
// the payment before there was a challenge: in Firefox a submit() that a policy
// refuses throws.
var earlyPolicies = []facts.Declared{
	facts.ViolationScriptSrc, facts.ViolationTypes, facts.ViolationFormAction, facts.ViolationFormHop,
}

var policyFacts = slices.Concat(framePolicies, earlyPolicies)

// observePolicies judges the recorder's notes of violations and reports. Only
// what was enforced counts, and only what stopped the issuer or the payment's
// provider.
func (b *browser) observePolicies(set *facts.Set, from string) {
	switch {
	case b.recording && b.frameWanted:
	case b.recording:
		notApplicable(set, facts.ReasonNotConfigured, from, framePolicies...)
	case b.frameWanted:
		unknown(set, facts.ReasonNotConfigured, from, policyFacts...)
		return
	default:
		notApplicable(set, facts.ReasonNotConfigured, from, policyFacts...)
		return
	}
	b.observeScriptPolicies(set, from)
	b.observeFormPolicies(set, from)
	if b.frameWanted {
		b.observeFramePolicies(set, from)
	}
}

func (b *browser) observeScriptPolicies(set *facts.Set, from string) {
	providers := known(append([]string{origin(b.methodURL), origin(b.acsURL)}, b.providers...)...)
	b.putNoted(set, facts.ViolationScriptSrc, from, providers,
		b.noted("violation", "script-src", "script-src-elem"))
	set.PutBool(facts.ViolationTypes, len(b.noted("violation", "require-trusted-types-for")) > 0, from)
}

// observeFormPolicies looks at the form to the issuer: the challenge's, or, for a
// payment that never came to one, the 3DS Method's. Chromium names the address
// that was posted to, wherever it then led.
func (b *browser) observeFormPolicies(set *facts.Set, from string) {
	issuer := known(cmp.Or(origin(b.acsURL), origin(b.methodURL)))
	posted := b.noted("violation", "form-action")
	listed := func(n note) bool { return n.listed }
	b.putNoted(set, facts.ViolationFormHop, from, issuer, slices.DeleteFunc(slices.Clone(posted), func(n note) bool { return !listed(n) }))
	b.putNoted(set, facts.ViolationFormAction, from, issuer, slices.DeleteFunc(posted, listed))
}

func (b *browser) observeFramePolicies(set *facts.Set, from string) {
	// A policy of the page's stops the provider's page, where that stands between.
	acs := known(origin(b.acsURL), b.wrapper())
	// The effective directive, so never default-src, which stands for what has
	// no name of its own, such as our prefetch of the issuer's page.
	framed := b.noted("violation", "frame-src", "child-src")
	b.putNoted(set, facts.ViolationFrameSrc, from, acs, framed)
	set.PutBool(facts.ViolationFrameHop, len(acs) > 0 && slices.ContainsFunc(framed, func(n note) bool {
		return n.origin != "" && !slices.Contains(acs, n.origin) && !b.isOurs(n.origin) && b.stopsChallenge(n)
	}), from)
	b.putNoted(set, facts.ReportAncestors, from, acs, b.noted("report", "frame-ancestors"))
	// Isolation is reported by what was to be loaded: a frame, and none of our own
	// questions to the issuer.
	b.putNoted(set, facts.ReportIsolation, from, acs, b.noted("report", "iframe", "navigation"))
}

// note is one of a violation or a report.
type note struct {
	origin string
	at     float64 // in milliseconds, by the recorder's clock
	listed bool    // the policy names that very origin
}

// noted returns the notes of what was enforced by one of the directives.
func (b *browser) noted(kind string, names ...string) []note {
	var found []note
	for _, n := range b.notes {
		if textOr(n, "", "kind") != kind || textOr(n, "enforce", "disposition") != "enforce" ||
			!slices.Contains(names, textOr(n, "", "directive")) {
			continue
		}
		when, _ := number(n, "at")
		found = append(found, note{textOr(n, "", "origin"), when, is(n, "listed")})
	}
	return found
}

// putNoted puts whether one of the notes is against one of the origins. Where
// the host page did not say whose they are, a note may as well be about
// somebody else, and the fact stays unknown.
func (b *browser) putNoted(set *facts.Set, key facts.BoolKey, from string, origins []string, notes []note) {
	if len(origins) == 0 && slices.ContainsFunc(notes, func(n note) bool { return !b.isOurs(n.origin) }) {
		unknown(set, facts.ReasonNotConfigured, from, key)
		return
	}
	set.PutBool(key, slices.ContainsFunc(notes, func(n note) bool { return slices.Contains(origins, n.origin) }), from)
}

// isOurs reports whether the origin is one of the diagnostic's.
func (b *browser) isOurs(o string) bool {
	return slices.Contains(known(b.helper, origin(b.assets), origin(b.canary)), o)
}

// errorPageLimit is how long after the refusal the browser's error page may take
// to be there, in milliseconds.
const errorPageLimit = 1000

// stopsChallenge reports whether the frame that next got a document, which is
// the browser's error page then, was the challenge frame.
func (b *browser) stopsChallenge(n note) bool {
	for _, other := range b.notes {
		when, _ := number(other, "at")
		if when >= n.at && textOr(other, "", "event") == "load" {
			return is(other, "fromFrame") && when <= n.at+errorPageLimit
		}
	}
	return false
}

// known returns what is not empty.
func known(origins ...string) []string {
	return slices.DeleteFunc(origins, func(o string) bool { return o == "" })
}
