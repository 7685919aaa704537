package diagnosis

import "checkoutdoctor/wasm/facts"

const codeOffline Code = "network.offline"

func networkCauses() []Cause {
	return []Cause{{
		Code:        codeOffline,
		Severity:    Blocking,
		Confidences: []Confidence{Certain},
		Needs:       []facts.Declared{facts.Online},
		Fixes:       []FixCode{"reconnect", "try-again"},
		Source:      "https://html.spec.whatwg.org/multipage/system-state.html#dom-navigator-online",
		match:       matchOffline,
	}}
}

// matchOffline believes onLine only when it says false: true merely means that
// there is some interface. A control that still answers contradicts it.
func matchOffline(s *facts.Set) *match {
	if !s.Is(facts.Online, false) || s.Equals(facts.ControlReached, "answered") {
		return nil
	}
	return &match{confidence: Certain, evidence: append(
		[]Evidence{unlike(s, facts.Online, true)}, evidence(s, facts.ControlReached)...)}
}
