package output

import (
	"encoding/json"
	"fmt"
	"io"

	"checkoutdoctor/probe"
)

// Schema is the version of the JSON that WriteJSON writes. Keys may be added
// to it, none changed.
const Schema = 1

// document is the JSON of a run.
type document struct {
	Schema      int               `json:"schema"`
	Engine      string            `json:"engine"`
	Interrupted bool              `json:"interrupted"`
	DurationMs  int64             `json:"durationMs"`
	Summary     probe.Summary     `json:"summary"`
	Scenarios   []probe.Result    `json:"scenarios"`
	Confusion   []probe.Confusion `json:"confusion"` // fault against what was named first
	Healthy     probe.Healthy     `json:"healthy"`
}

// WriteJSON writes how a run ended, as far as it came.
func WriteJSON(w io.Writer, o *probe.Outcome) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(document{
		Schema: Schema, Engine: o.Engine, Interrupted: o.Interrupted, DurationMs: o.Elapsed.Milliseconds(),
		Summary: o.Summary(), Scenarios: o.Results, Confusion: o.Confusion, Healthy: o.Healthy,
	})
	if err != nil {
		return fmt.Errorf("write the outcome as JSON: %w", err)
	}
	return nil
}
