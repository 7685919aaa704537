package main

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // for the page below
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"

	"checkoutdoctor/wasm/diagnosis"
)

//go:embed report.html
var reportPage string

//go:embed report.css
var reportStyle string

var reportTemplate = template.Must(template.New("report").Parse(reportPage))

// Class names the verdict for the style sheet; one that nobody knows has no style.
func (v *reportView) Class() string {
	switch v.Verdict {
	case diagnosis.Blocked, diagnosis.Degraded, diagnosis.Clear:
		return string(v.Verdict)
	}
	return "unknown"
}

// Expects reports whether there is a value to expect of any fact that the finding
// rests on.
func (f findingView) Expects() bool {
	return slices.ContainsFunc(f.Evidence, func(e evidenceView) bool { return e.Expected != "" })
}

// page is the view as a page that prints well. It runs no script and loads
// nothing: its policy allows its own style sheet alone.
func (v *reportView) page() ([]byte, error) {
	sum := sha256.Sum256([]byte(reportStyle))
	var out bytes.Buffer
	err := reportTemplate.Execute(&out, struct {
		*reportView
		Style     template.CSS
		StyleHash string
	}{v, template.CSS(reportStyle), base64.StdEncoding.EncodeToString(sum[:])})
	if err != nil {
		return nil, fmt.Errorf("make the page: %w", err)
	}
	return out.Bytes(), nil
}
