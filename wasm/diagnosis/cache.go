package diagnosis

import "checkoutdoctor/wasm/facts"

const (
	codeStaleWorker Code = "cache.stale-worker"
	codeStaleScript Code = "cache.stale-script"
)

func cacheCauses() []Cause {
	return []Cause{
		{
			Code:        codeStaleWorker,
			Severity:    Blocking,
			Confidences: []Confidence{Certain},
			Needs:       []facts.Declared{facts.WorkerStale},
			DependsOn:   []Code{codeOffline},
			Fixes:       []FixCode{"reset-ads-manager-cache", "remove-worker", "clear-cookies-and-cache", "use-private-window"},
			Source:      sourceWorkers,
			match:       matchStaleWorker,
		},
		{
			Code:        codeStaleScript,
			Severity:    Blocking,
			Confidences: []Confidence{Certain},
			Needs:       []facts.Declared{facts.ScriptStale},
			DependsOn:   []Code{codeOffline, codeStaleWorker},
			Fixes:       []FixCode{"reset-ads-manager-cache", "repair-file", "clear-cookies-and-cache", "use-private-window"},
			Source:      "https://httpwg.org/specs/rfc9111.html#freshness.model",
			match:       matchStaleScript,
		},
	}
}

func matchStaleWorker(s *facts.Set) *match {
	if !s.Is(facts.WorkerStale, true) {
		return nil
	}
	return &match{confidence: Certain, evidence: append(
		[]Evidence{unlike(s, facts.WorkerStale, false)}, evidence(s, facts.WorkerControls)...)}
}

func matchStaleScript(s *facts.Set) *match {
	if !s.Is(facts.ScriptStale, true) {
		return nil
	}
	return &match{confidence: Certain, evidence: append(
		[]Evidence{unlike(s, facts.ScriptStale, false)}, evidence(s, facts.WorkerControls, facts.AssetsChecked)...)}
}
