//go:build !js

package report

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"checkoutdoctor/wasm/diagnosis"
)

// Errors of [ReadCode] that say what can be done about them.
var (
	// ErrMistyped says that the check digits do not fit: something was misread.
	ErrMistyped = errors.New("a character is wrong, missing or in another's place: the check digits do not fit")
	// ErrLaterRelease says that the code has something that came after this release.
	ErrLaterRelease = errors.New("the code is of a later release than this one, which cannot read it")
)

// errNoCode is where what fits the check digits means nothing.
var errNoCode = errors.New("is no support code")

// ReadCode reads a support code, in upper or lower case, with blanks, dashes and
// other punctuation or without, also where words and a colon introduce it. What
// looks like one of its characters stands for it.
func ReadCode(text string) (Summary, error) {
	n, err := unspell(introduced(text))
	if err != nil {
		return Summary{}, fmt.Errorf("read the support code: %w", err)
	}
	s, err := unpack(slices.Clone(n))
	if err != nil {
		return Summary{}, fmt.Errorf("read the support code: %w", err)
	}
	if !slices.Equal(s.pack(), n) {
		return Summary{}, fmt.Errorf("read the support code: %w", errNoCode)
	}
	return s, nil
}

// unpacker takes fields from a number, and keeps the first error.
type unpacker struct {
	n   number
	err error
}

func unpack(n number) (Summary, error) {
	u := &unpacker{n: n}
	switch version := u.n.pop(baseVersion); {
	case version > codeVersion:
		return Summary{}, ErrLaterRelease
	case version < codeVersion:
		return Summary{}, errNoCode
	}
	var s Summary
	s.Verdict = diagnosis.Verdict(u.word(codeVerdicts, baseVerdict))
	s.Mode = u.word(codeModes, baseMode)
	s.Browser = u.word(codeBrowsers, baseBrowser)
	s.Platform = u.word(codePlatforms, basePlatform)
	s.NotChecked = u.notChecked()
	count := u.n.pop(2 * (maxCodeFindings + 1))
	s.More = count%2 == 1
	for range count / 2 {
		s.Findings = append(s.Findings, u.finding())
	}
	s.Module = u.word(codeReleases, maxRelease)
	return s, u.err
}

// word takes a field whose number is a place in the list. Only a later release
// has words beyond it.
func (u *unpacker) word(list string, base int) string { return u.at(list, u.n.pop(base)) }

func (u *unpacker) at(list string, i int) string {
	word := at(list, i)
	if word == "" && i > 0 && u.err == nil {
		u.err = ErrLaterRelease
	}
	return word
}

func (u *unpacker) finding() Named {
	line := u.at(causeLines, u.n.pop(baseCause))
	code, variants, oneOf := fields(line)
	f := Named{Code: diagnosis.Code(code), Confidence: diagnosis.Confidence(u.word(codeConfidences, baseConfidence))}
	detail := u.n.pop(baseDetail)
	if detail&withVariant != 0 {
		f.Variant = u.word(variants, baseVariant)
	}
	if detail&withOneOf != 0 {
		mask := u.n.pop(baseOneOf)
		for i := range maxOneOf {
			if mask&(1<<i) != 0 {
				f.OneOf = append(f.OneOf, u.at(oneOf, i+1))
			}
		}
	}
	return f
}

func (u *unpacker) notChecked() []Unchecked {
	base := baseOfScope(u.n.pop(baseScope))
	var list []Unchecked
	for i := range maxFamilies {
		if class := u.n.pop(base); class > 0 {
			list = append(list, Unchecked{Family: u.at(codeFamilies, i+1), Why: Class(at(codeClasses, class))})
		}
	}
	return list
}

// pop takes out the field that was pushed last. Where there is none it is 0.
func (n *number) pop(base int) (value int) {
	digits := *n
	for i := len(digits) - 1; i >= 0; i-- {
		value = value*radix + int(digits[i])
		digits[i] = byte(value / base)
		value %= base
	}
	for len(digits) > 0 && digits[len(digits)-1] == 0 {
		digits = digits[:len(digits)-1]
	}
	*n = digits
	return value
}

// misread lists characters that are in no code, each before the one that is
// meant.
const misread = "0DODQDB8G6S5Z2UVNM17"

// maxTyped bounds what is read as a code, in bytes, with all that stands between
// its characters. Those of some keyboards have three bytes each.
const maxTyped = 8 * maxDigits

// introduced returns what follows a colon, as in "Code: AKTR-32M-8X5-EP2", or all
// of the text where there is none.
func introduced(text string) string {
	text = strings.TrimRightFunc(text, between)
	colon := strings.LastIndexAny(text, ":\uff1a")
	if colon < 0 {
		return text
	}
	_, size := utf8.DecodeRuneInString(text[colon:])
	return text[colon+size:]
}

// unspell reads the number that spell wrote.
func unspell(text string) (number, error) {
	digits, err := digitsOf(text)
	if err != nil {
		return nil, err
	}
	if len(digits) <= checkDigits {
		return nil, fmt.Errorf("%d characters are too few", len(digits))
	}
	payload := digits[:len(digits)-checkDigits]
	if [checkDigits]byte(digits[len(payload):]) != check(payload) {
		return nil, ErrMistyped
	}
	if payload[0] == 0 {
		return nil, errNoCode
	}
	n := make(number, len(payload))
	for i, d := range payload {
		n[len(payload)-1-i] = d
	}
	return n, nil
}

// digitsOf returns the digits that the characters stand for.
func digitsOf(text string) ([]byte, error) {
	if len(text) > maxTyped {
		return nil, fmt.Errorf("%d bytes are too many", len(text))
	}
	var digits []byte
	for _, r := range text {
		if between(r) {
			continue
		}
		d, ok := digitOf(r)
		if !ok {
			return nil, fmt.Errorf("%s is in no code: it is character %d", quoted(r), len(digits)+1)
		}
		digits = append(digits, d)
	}
	if len(digits) > maxDigits {
		return nil, fmt.Errorf("%d characters are too many", len(digits))
	}
	return digits, nil
}

// quoted names the character, by its number too where another may look the same.
func quoted(r rune) string {
	if r <= unicode.MaxASCII {
		return strconv.QuoteRune(r)
	}
	return fmt.Sprintf("%#U", r)
}

// between reports whether the character stands between those of a code, or around
// it: blanks, punctuation, what is written for a dash or a quotation mark, and what
// comes along unseen where text is copied.
func between(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.P, unicode.Cf) || strings.ContainsRune("\u2212\u30fc`", r)
}

// lookalikes are the letters of Cyrillic and Greek, capital and small, that look
// like a letter or digit of ASCII. The small ypsilon may be a u or a Y, of which codes
// have the Y. The small eta and mu look like n and u, their capitals like H and M:
// these are not guessed.
var lookalikes = []struct {
	ascii rune
	alike string
}{
	{'A', "\u0410\u0430\u0391\u03b1"},
	{'B', "\u0412\u0432\u0392\u03b2"},
	{'C', "\u0421\u0441"},
	{'E', "\u0415\u0435\u0395\u03b5"},
	{'H', "\u041d\u043d\u0397"},
	{'K', "\u041a\u043a\u039a\u03ba"},
	{'M', "\u041c\u043c\u039c"},
	{'N', "\u039d"},
	{'O', "\u041e\u043e\u039f\u03bf"},
	{'P', "\u0420\u0440\u03a1\u03c1"},
	{'T', "\u0422\u0442\u03a4\u03c4"},
	{'V', "\u03bd"},
	{'X', "\u0425\u0445\u03a7\u03c7"},
	{'Y', "\u0423\u0443\u03a5\u03c5"},
	{'Z', "\u0396"},
	{'3', "\u0417\u0437"},
}

// latin returns the letter or digit of ASCII that a keyboard of another script has
// another character for.
func latin(r rune) rune {
	for _, l := range lookalikes {
		if strings.ContainsRune(l.alike, r) {
			return l.ascii
		}
	}
	for _, block := range []struct{ first, last, ascii rune }{
		{'\uff01', '\uff5e', '!'}, // fullwidth forms
		{'\u0660', '\u0669', '0'}, // Arabic-Indic digits
		{'\u06f0', '\u06f9', '0'}, // Eastern Arabic-Indic digits
	} {
		if r >= block.first && r <= block.last {
			return block.ascii + r - block.first
		}
	}
	return r
}

func digitOf(r rune) (byte, bool) {
	r = latin(r)
	if r >= unicode.MaxASCII {
		return 0, false
	}
	c := strings.ToUpper(string(r))
	for i := 0; i < len(misread); i += 2 {
		if c[0] == misread[i] {
			c = misread[i+1 : i+2]
			break
		}
	}
	d := strings.Index(alphabet, c)
	return byte(d), d >= 0
}
