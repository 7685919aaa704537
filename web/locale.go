package web

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/text/language"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
)

//go:embed locales/*.json
var locales embed.FS

//go:embed engineers.json
var engineersText []byte

// fallbackLanguage is complete, and is what engineers are shown.
const fallbackLanguage = "en"

// Words is everything that is said to users in one language.
type Words struct {
	Language    string                             `json:"language"`  // BCP 47
	Name        string                             `json:"name"`      // what the language calls itself
	Direction   string                             `json:"direction"` // of its script: ltr or rtl
	Causes      map[diagnosis.Code]CauseWords      `json:"causes"`
	OneOf       map[string]string                  `json:"oneOf"`    // what cannot be told apart
	Variants    map[string]string                  `json:"variants"` // forms of a cause
	Fixes       map[diagnosis.FixCode]FixWords     `json:"fixes"`    // for the user; the others are EngineerWords
	LeftOut     map[string]string                  `json:"leftOut"`  // why a fix is not suggested
	Verdicts    map[diagnosis.Verdict]VerdictWords `json:"verdicts"`
	Signals     map[string]SignalWords             `json:"signals"`
	Compared    map[string]map[string]string       `json:"compared"` // what became of what the first check found, by what that was
	Confidences map[diagnosis.Confidence]string    `json:"confidences"`
	Reasons     map[facts.Reason]string            `json:"reasons"`  // why something was not checked
	Failures    map[string]string                  `json:"failures"` // why nothing could be checked
	Checks      map[string]string                  `json:"checks"`   // what each observer looks at
	UI          map[string]string                  `json:"ui"`
	Page        map[string]string                  `json:"page"`
	Guide       []diagnosis.FixCode                `json:"guide"` // what is shown where nothing could be checked, in its order
	// Steps is how each browser does each task on each platform, by the words of
	// the facts environment.browser and environment.platform.
	Steps map[string]map[string]StepPlace `json:"steps"`
	// Sure is by which words tests tell how sure a sentence is. It is not published.
	Sure SureWords `json:"sure"`
	// More is what the checklist and the refund path say.
	More json.RawMessage `json:"more"`
	// Support is what is said where the result is handed to support.
	Support json.RawMessage `json:"support"`
}

// EngineerWords is what is said to those who mend what a user cannot, in English.
type EngineerWords struct {
	Audiences map[diagnosis.Audience]string  `json:"audiences"`
	Fixes     map[diagnosis.FixCode]FixWords `json:"fixes"`
}

// StepPlace is one browser on one platform.
type StepPlace struct {
	Name  string                        `json:"name"` // as it is called in a sentence
	Tasks map[diagnosis.FixCode]StepWay `json:"tasks"`
}

// StepWay is how a browser does a fix or, in None, why it cannot and what to do
// instead. Source is the vendor's own help.
type StepWay struct {
	Steps  []string `json:"steps,omitempty"`
	None   string   `json:"none,omitempty"`
	Source string   `json:"source"`
}

// SureWords are regular expressions that match part of a word.
type SureWords struct {
	Probably string `json:"probably"` // in the texts of what is likely, and in none of what is certain
	May      string `json:"may"`      // in the texts of what is possible
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

// Locale returns the words of the language (BCP 47), or of the first of several
// that there are any in, as a browser sends them (RFC 9110, section 12.5.4). A
// later list counts where there are words in none of the earlier ones; where
// there are in none at all, they are English.
func Locale(lists ...string) (Words, error) {
	for _, list := range lists {
		if known, ok := preferred(list); ok {
			return readLocale(known)
		}
	}
	return readLocale(fallbackLanguage)
}

// preferred returns the first language of the list that there are words in,
// whatever its region and script: Portuguese is answered in that of Brazil. The
// list is written as in Accept-Language; ok is false where there is none.
func preferred(list string) (known string, ok bool) {
	wanted, _, err := language.ParseAcceptLanguage(list)
	if err != nil {
		return "", false
	}
	for _, tag := range wanted {
		for _, known := range Languages() {
			if base(tag) == base(language.Make(known)) {
				return known, true
			}
		}
	}
	return "", false
}

func base(tag language.Tag) language.Base {
	base, _ := tag.Base()
	return base
}

// Languages lists the languages that there are words in (BCP 47), sorted.
func Languages() []string {
	files, err := locales.ReadDir("locales")
	if err != nil {
		return nil // they are embedded
	}
	list := make([]string, len(files))
	for i, f := range files {
		list[i] = strings.TrimSuffix(f.Name(), ".json")
	}
	return list
}

// readLocale is strict: a key that nobody reads is a mistake.
func readLocale(lang string) (Words, error) {
	text, err := locales.ReadFile("locales/" + lang + ".json")
	if err != nil {
		return Words{}, fmt.Errorf("read the words: %w", err)
	}
	var w Words
	if err := decodeStrictly(text, &w); err != nil {
		return Words{}, fmt.Errorf("read the words of %s: %w", lang, err)
	}
	return w, nil
}

// Engineers returns what is said to merchants, issuers and IT.
func Engineers() (EngineerWords, error) {
	var w EngineerWords
	if err := decodeStrictly(engineersText, &w); err != nil {
		return EngineerWords{}, fmt.Errorf("read the words for engineers: %w", err)
	}
	return w, nil
}

func decodeStrictly(text []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

// guide returns the fixes to show where nothing could be checked.
func (w Words) guide() []FixWords {
	list := make([]FixWords, len(w.Guide))
	for i, code := range w.Guide {
		list[i] = w.Fixes[code]
	}
	return list
}
