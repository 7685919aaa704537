package diagnosis

import "checkoutdoctor/wasm/facts"

const (
	codeIntegrity     Code = "cache.integrity"
	codeMissingChunk  Code = "cache.missing-chunk"
	codeWorkerWaiting Code = "cache.worker-waiting"
	codeStaleWorker   Code = "cache.stale-worker"
	codeStalePage     Code = "cache.stale-page"
	codeStaleScript   Code = "cache.stale-script"
	codeStaleStorage  Code = "cache.stale-storage"
	codeBuildMismatch Code = "cache.build-mismatch"
)

// Words for whose copy of a file has not the hash that the page demands.
const (
	variantCachedCopy = "cached-copy"
	variantServerCopy = "server-copy"
)

const sourceFreshness = "https://httpwg.org/specs/rfc9111.html#freshness.model"

// cacheCauses are what makes a page run with other files than its server has. A
// worker explains a stale page, a page its scripts, and each of them that the
// builds differ.
var cacheCauses = []Cause{
	{
		Code:        codeIntegrity,
		Severity:    Blocking,
		Confidences: []Confidence{Certain},
		Variants:    []string{variantCachedCopy, variantServerCopy},
		Needs:       []facts.Declared{facts.Integrity},
		DependsOn:   []Code{codeOffline, codeWorkerWaiting, codeStaleWorker},
		Fixes:       []FixCode{"repair-file", "clear-cookies-and-cache", "use-private-window", "ask-support", "match-hashes"},
		Source:      "https://www.w3.org/TR/sri-2/",
		match:       matchIntegrity,
		moot:        challengeCompleted,
	},
	{
		Code:        codeMissingChunk,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.ChunkMissing, facts.BuildDiffers},
		DependsOn:   []Code{codeOffline, codeWorkerWaiting, codeStaleWorker, codeStalePage},
		Fixes:       []FixCode{"reload-page", "reset-ads-manager-cache", "clear-cookies-and-cache", "ask-support", "keep-old-files"},
		Source:      "https://vite.dev/guide/build#load-error-handling",
		match:       matchMissingChunk,
		moot:        challengeCompleted,
	},
	{
		Code:        codeWorkerWaiting,
		Severity:    Blocking,
		Confidences: []Confidence{Certain},
		Needs:       []facts.Declared{facts.WorkerWaiting},
		DependsOn:   []Code{codeOffline},
		Fixes:       []FixCode{"close-tabs", "remove-worker", "clear-cookies-and-cache", "use-private-window", "activate-worker"},
		Source:      sourceWorkers + "#service-worker-registration-waiting-worker",
		match:       matchWorkerWaiting,
	},
	{
		Code:        codeStaleWorker,
		Severity:    Blocking,
		Confidences: []Confidence{Certain},
		Needs:       []facts.Declared{facts.WorkerStale},
		DependsOn:   []Code{codeOffline, codeWorkerWaiting},
		Fixes:       []FixCode{"reset-ads-manager-cache", "remove-worker", "clear-cookies-and-cache", "use-private-window"},
		Source:      sourceWorkers,
		match:       matchStaleWorker,
	},
	{
		Code:        codeStalePage,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.BuildDiffers, facts.PageFrom},
		DependsOn:   []Code{codeOffline, codeWorkerWaiting, codeStaleWorker},
		Fixes:       []FixCode{"reload-page", "reset-ads-manager-cache", "repair-file", "clear-cookies-and-cache", "use-private-window", "revalidate-page"},
		Source:      sourceFreshness,
		match:       matchStalePage,
	},
	{
		Code:        codeStaleScript,
		Severity:    Blocking,
		Confidences: []Confidence{Certain},
		Needs:       []facts.Declared{facts.ScriptStale},
		DependsOn:   []Code{codeOffline, codeStaleWorker, codeIntegrity},
		Fixes:       []FixCode{"reset-ads-manager-cache", "repair-file", "clear-cookies-and-cache", "use-private-window"},
		Source:      sourceFreshness,
		match:       matchStaleScript,
	},
	{
		Code:        codeStaleStorage,
		Severity:    Blocking,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.StorageStale, facts.BuildDiffers},
		DependsOn:   []Code{codeOffline, codeWorkerWaiting, codeStaleWorker, codeStalePage, codeStaleScript},
		Fixes:       []FixCode{"reset-ads-manager-cache", "remove-worker", "clear-cookies-and-cache", "use-private-window"},
		Source:      sourceWorkers + "#cache-interface",
		match:       matchStaleStorage,
	},
	{
		Code:        codeBuildMismatch,
		Severity:    Degrading,
		Confidences: []Confidence{Likely},
		Needs:       []facts.Declared{facts.BuildDiffers},
		DependsOn: []Code{
			codeOffline, codeMissingChunk, codeWorkerWaiting, codeStaleWorker, codeStalePage, codeStaleScript, codeStaleStorage,
		},
		Fixes:  []FixCode{"reload-page", "reset-ads-manager-cache", "clear-cookies-and-cache", "keep-old-files"},
		Source: "https://vite.dev/guide/build#load-error-handling",
		match:  matchBuildMismatch,
		moot:   challengeCompleted,
	},
}

// matchIntegrity: the browser says of a wrong hash only that the file failed. The
// same bytes, asked for past the cache, tell whose copy is wrong.
func matchIntegrity(s *facts.Set) *match {
	switch {
	case s.Equals(facts.Integrity, "cached"):
		return found(s, Certain, facts.Integrity, "passed").as(variantCachedCopy)
	case s.Equals(facts.Integrity, "server"):
		m := found(s, Certain, facts.Integrity, "passed").as(variantServerCopy)
		m.fixes = []FixCode{"ask-support", "match-hashes", "ask-it"}
		return m
	}
	return nil
}

// matchMissingChunk: a page that runs another build than its server's asks for
// what was there when it was loaded. Many a page has a file missing that nobody
// misses, so that one of the present build says nothing.
func matchMissingChunk(s *facts.Set) *match {
	if !s.Is(facts.ChunkMissing, true) || !s.Is(facts.BuildDiffers, true) {
		return nil
	}
	return found(s, Likely, facts.ChunkMissing, false, facts.BuildDiffers)
}

// matchWorkerWaiting: that a newer worker waits is the way of things; it counts
// where the old one's page is another than the server's.
func matchWorkerWaiting(s *facts.Set) *match {
	if !s.Is(facts.WorkerWaiting, true) || !s.Is(facts.WorkerStale, true) && !s.Is(facts.BuildDiffers, true) {
		return nil
	}
	return found(s, Certain, facts.WorkerWaiting, false, facts.WorkerStale, facts.BuildDiffers)
}

func matchStaleWorker(s *facts.Set) *match {
	if !s.Is(facts.WorkerStale, true) {
		return nil
	}
	return found(s, Certain, facts.WorkerStale, false, facts.WorkerControls)
}

// matchStalePage: the document was not asked for, and belongs to another build
// than the server's.
func matchStalePage(s *facts.Set) *match {
	if !s.Is(facts.BuildDiffers, true) || !s.Equals(facts.PageFrom, "cache") {
		return nil
	}
	return found(s, Likely, facts.PageFrom, "network", facts.BuildDiffers)
}

func matchStaleScript(s *facts.Set) *match {
	if !s.Is(facts.ScriptStale, true) {
		return nil
	}
	return found(s, Certain, facts.ScriptStale, false, facts.WorkerControls, facts.AssetsChecked)
}

// matchStaleStorage: what lies in Cache Storage is used only if the page's own
// code asks for it. A page that runs an old build has, where nothing else kept it.
func matchStaleStorage(s *facts.Set) *match {
	if !s.Is(facts.StorageStale, true) || !s.Is(facts.BuildDiffers, true) {
		return nil
	}
	return found(s, Likely, facts.StorageStale, false, facts.BuildDiffers, facts.WorkerControls)
}

// matchBuildMismatch: nothing is stale but the page itself, which was open while
// the server was deployed anew.
func matchBuildMismatch(s *facts.Set) *match {
	if !s.Is(facts.BuildDiffers, true) {
		return nil
	}
	return found(s, Likely, facts.BuildDiffers, false, facts.PageFrom)
}
