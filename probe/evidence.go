package probe

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"

	"checkoutdoctor/wasm/report"
)

// The files of a failure's evidence, in a folder of its own.
const (
	evidencePage     = "index.html" // shows the others
	evidencePicture  = "page.png"
	evidenceReport   = "report.json"
	evidenceRepaired = "repaired.json" // the report after the repair
	evidenceConsole  = "console.txt"
	evidenceNetwork  = "network.txt"
	evidenceTruth    = "truth.json"
)

//go:embed evidence.html
var evidenceHTML string

var evidenceTemplate = template.Must(template.New(evidencePage).Parse(evidenceHTML))

// takeEvidence writes what shows a failure: the page as it looks, the report,
// console, network and the browser's own view. Only the first repetition that
// fails leaves evidence. A page that is gone leaves what is known without it.
func (r *run) takeEvidence(ctx context.Context, page Page, t task, result *Result) error {
	if !r.firstFailure(t) {
		return nil
	}
	dir := filepath.Join(r.Out, filepath.FromSlash(t.scenario.ID))
	files := map[string][]byte{
		evidenceConsole: logText(page.Log().Console),
		evidenceNetwork: logText(page.Log().Network),
		evidenceTruth:   truthText(page.Truth()),
	}
	if picture, err := page.Screenshot(ctx); err == nil {
		files[evidencePicture] = picture
	}
	for name, r := range map[string]*report.Report{
		evidenceReport: (*report.Report)(result.Report), evidenceRepaired: result.Repaired.after(),
	} {
		if r == nil {
			continue
		}
		encoded, err := report.Encode(r)
		if err != nil {
			return fmt.Errorf("write the evidence: %w", err)
		}
		files[name] = encoded
	}
	shown, err := evidenceIndex(t.scenario, result, files)
	if err != nil {
		return fmt.Errorf("write the evidence: %w", err)
	}
	files[evidencePage] = shown
	if err := writeFiles(dir, files); err != nil {
		return fmt.Errorf("write the evidence: %w", err)
	}
	result.Evidence = filepath.Join(dir, evidencePage)
	return nil
}

// firstFailure reports that no earlier repetition of the task failed.
func (r *run) firstFailure(t task) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, earlier := range r.rounds[t.index] {
		if earlier.Evidence != "" {
			return false
		}
	}
	return true
}

// writeFiles writes the files, and takes those of an earlier run away.
func writeFiles(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var errs []error
	for _, name := range []string{evidencePage, evidencePicture, evidenceReport, evidenceRepaired, evidenceConsole, evidenceNetwork, evidenceTruth} {
		path := filepath.Join(dir, name)
		content, ok := files[name]
		if !ok {
			if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
				errs = append(errs, err)
			}
			continue
		}
		errs = append(errs, os.WriteFile(path, content, 0o644))
	}
	return errors.Join(errs...)
}

// logText gives each event a line: the time in seconds, and what was said.
func logText(lines []LogLine) []byte {
	var out bytes.Buffer
	for _, l := range lines {
		fmt.Fprintf(&out, "%8.3f  %s\n", l.At.Seconds(), strings.ReplaceAll(l.Text, "\n", "\n          "))
	}
	return out.Bytes()
}

func truthText(t Truth) []byte {
	// A Truth has nothing that JSON could refuse.
	text, _ := json.MarshalIndent(t, "", "  ")
	return append(text, '\n')
}

func evidenceIndex(s *Scenario, result *Result, files map[string][]byte) ([]byte, error) {
	var out bytes.Buffer
	err := evidenceTemplate.Execute(&out, struct {
		Scenario                                  *Scenario
		Result                                    *Result
		Picture                                   bool
		Report, Repaired, Console, Network, Truth string
	}{
		Scenario: s, Result: result, Picture: files[evidencePicture] != nil,
		Report: string(files[evidenceReport]), Repaired: string(files[evidenceRepaired]), Console: string(files[evidenceConsole]),
		Network: string(files[evidenceNetwork]), Truth: string(files[evidenceTruth]),
	})
	return out.Bytes(), err
}
