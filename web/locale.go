package web

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

//go:embed locales/*.json
var locales embed.FS

// fallbackLanguage is complete, and is what engineers are shown.
const fallbackLanguage = "en"

// Words is everything that is said in one language.
type Words struct {
	Language    string                             `json:"language"` // BCP 47
	Causes      map[diagnosis.Code]CauseWords      `json:"causes"`
	OneOf       map[string]string                  `json:"oneOf"`    // what cannot be told apart
	Variants    map[string]string                  `json:"variants"` // forms of a cause
	Fixes       map[diagnosis.FixCode]FixWords     `json:"fixes"`
	LeftOut     map[string]string                  `json:"leftOut"` // why a fix is not suggested
	Verdicts    map[diagnosis.Verdict]VerdictWords `json:"verdicts"`
	Signals     map[string]SignalWords             `json:"signals"`
	Compared    map[string]map[string]string       `json:"compared"` // what became of what the first check found, by what that was
	Confidences map[diagnosis.Confidence]string    `json:"confidences"`
	Reasons     map[facts.Reason]string            `json:"reasons"`  // why something was not checked
	Failures    map[string]string                  `json:"failures"` // why nothing could be checked
	Checks      map[string]string                  `json:"checks"`   // what each observer looks at
	UI          map[string]string                  `json:"ui"`
	Audiences   map[diagnosis.Audience]string      `json:"audiences"`
	Page        map[string]string                  `json:"page"`
	Guide       []diagnosis.FixCode                `json:"guide"` // what is shown where nothing could be checked, in its order
}

// CauseWords says what a cause is, as sure as the finding is.
type CauseWords struct {
	Title    string `json:"title"`
	Certain  string `json:"certain"`
	Likely   string `json:"likely"`
	Possible string `json:"possible"`
}

// Text returns the wording for a confidence; empty for one that there is not.
func (w CauseWords) Text(c diagnosis.Confidence) string {
	switch c {
	case diagnosis.Certain:
		return w.Certain
	case diagnosis.Likely:
		return w.Likely
	case diagnosis.Possible:
		return w.Possible
	}
	return ""
}

// FixWords says how a fix is done.
type FixWords struct {
	Title string   `json:"title"`
	Steps []string `json:"steps"`
}

// VerdictWords sums a run up. Likely and Possible take the title's place where
// no finding of the verdict's severity is surer than that. Summary is what a
// table says of it.
type VerdictWords struct {
	Title    string `json:"title"`
	Likely   string `json:"likely,omitempty"`
	Possible string `json:"possible,omitempty"`
	Text     string `json:"text"`
	Summary  string `json:"summary"`
}

// SignalWords says what speaks for a VPN: in a table, and in a sentence.
type SignalWords struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// Locale returns the words of the language (BCP 47) or, where there are none,
// those of the language without its region, or English ones.
func Locale(lang string) (Words, error) {
	base, _, _ := strings.Cut(lang, "-")
	for _, l := range []string{lang, base} {
		if w, err := readLocale(l); !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid) {
			return w, err
		}
	}
	return readLocale(fallbackLanguage)
}

// readLocale is strict: a key that nobody reads is a mistake.
func readLocale(lang string) (Words, error) {
	text, err := locales.ReadFile("locales/" + lang + ".json")
	if err != nil {
		return Words{}, fmt.Errorf("read the words: %w", err)
	}
	var w Words
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&w); err != nil {
		return Words{}, fmt.Errorf("read the words of %s: %w", lang, err)
	}
	return w, nil
}

// guide returns the fixes to show where nothing could be checked.
func (w Words) guide() []FixWords {
	list := make([]FixWords, len(w.Guide))
	for i, code := range w.Guide {
		list[i] = w.Fixes[code]
	}
	return list
}
