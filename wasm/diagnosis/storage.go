package diagnosis

import "checkoutdoctor/wasm/facts"

const (
	codeStorageRefused Code = "storage.refused"
	codeStorageFull    Code = "storage.full"
	codeStorageNotKept Code = "storage.not-kept"
)

const sourceStorage = "https://storage.spec.whatwg.org/"

// writes are what became of a write to each kind of storage.
var writes = []facts.StringKey{facts.LocalStorage, facts.SessionStorage, facts.IndexedDB, facts.CacheAPI}

// writeEvidence shows all of them, for what is refused in one may be kept in
// another.
var writeEvidence = []facts.Declared{facts.LocalStorage, facts.SessionStorage, facts.IndexedDB, facts.CacheAPI}

// siteDataRefused are what keeps this site from keeping anything.
var siteDataRefused = []Code{codeCookiesDisabled, codeFirstPartyBlocked}

// storageCauses are degrading: whether a checkout needs the storage that fails is
// not to be seen.
var storageCauses = []Cause{
	{
		Code:        codeStorageRefused,
		Severity:    Degrading,
		Confidences: []Confidence{Certain},
		Needs:       writeEvidence,
		DependsOn:   siteDataRefused,
		Fixes:       []FixCode{"allow-cookies", "disable-blocker", "use-another-browser", "ask-it"},
		Source:      "https://html.spec.whatwg.org/multipage/webstorage.html#security-localStorage",
		match:       matchStorageRefused,
	},
	{
		Code:        codeStorageFull,
		Severity:    Degrading,
		Confidences: []Confidence{Certain},
		Needs:       writeEvidence,
		DependsOn:   append([]Code{codeStorageRefused}, siteDataRefused...),
		Fixes:       []FixCode{"free-space", "clear-cookies-and-cache", "use-private-window", "use-another-browser"},
		Source:      sourceStorage + "#usage-and-quota",
		match:       matchStorageFull,
	},
	{
		Code:        codeStorageNotKept,
		Severity:    Degrading,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.StorageLostOnLoad},
		DependsOn:   append([]Code{codeStorageRefused}, siteDataRefused...),
		Fixes:       []FixCode{"keep-site-data", "disable-blocker", "use-another-browser", "ask-it"},
		Source:      sourceStorage + "#persistence",
		match:       matchStorageNotKept,
	},
}

// matchStorageRefused leaves the Cache API alone: browsers refuse it by itself in
// private windows, and no checkout waits for it.
func matchStorageRefused(s *facts.Set) *match {
	for _, k := range []facts.StringKey{facts.LocalStorage, facts.SessionStorage, facts.IndexedDB} {
		if s.Equals(k, "refused", "threw", "lost") {
			return found(s, Certain, k, "kept", others(k)...)
		}
	}
	return nil
}

func matchStorageFull(s *facts.Set) *match {
	for _, k := range writes {
		if s.Equals(k, "full") {
			return found(s, Certain, k, "kept", others(k)...)
		}
	}
	return nil
}

// others are the writes to the kinds of storage but the one.
func others(k facts.StringKey) []facts.Declared {
	var list []facts.Declared
	for _, other := range writeEvidence {
		if facts.Name(other) != facts.Name(k) {
			list = append(list, other)
		}
	}
	return list
}

// matchStorageNotKept: a write that was kept is gone when another page of this
// site was loaded. Browsers keep it at least until the tab is closed. In Cache
// Storage alone a site's own worker clears up what it does not know.
func matchStorageNotKept(s *facts.Set) *match {
	lost, _ := s.List(facts.StorageLostOnLoad)
	if len(lost) == 0 || len(lost) == 1 && lost[0] == "cache-api" {
		return nil
	}
	return found(s, Likely, facts.StorageLostOnLoad, nil, writeEvidence...)
}
