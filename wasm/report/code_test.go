//go:build !js

package report_test

import (
	"bufio"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
)

// spelled is the alphabet of support codes.
const spelled = "23456789ACDEFHKMPRTVWXY"

// recordedReports are those of real browsers in the lab.
func recordedReports(t testing.TB) map[string]*report.Report {
	t.Helper()
	runs := make(map[string]*report.Report)
	for _, folder := range []string{"facts", "firefox"} {
		files, err := filepath.Glob(filepath.Join("..", "..", "testdata", folder, "*.json"))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			r, err := report.Decode(text)
			require.NoError(t, err, file)
			runs[file] = r
		}
	}
	return runs
}

// simple is a summary with one finding, as the most common report has it.
func simple(f report.Named) report.Summary {
	return report.Summary{
		Module: report.Version, Verdict: diagnosis.Blocked, Mode: "embed", Browser: "chrome", Platform: "desktop",
		Findings: []report.Named{f},
		NotChecked: []report.Unchecked{
			{Family: "payment", Why: report.NotAsked}, {Family: "cookie", Why: report.NotAsked}, {Family: "vpn", Why: report.NotAsked},
		},
	}
}

// TestEveryCauseCrossesInACode goes through all that a finding can say.
func TestEveryCauseCrossesInACode(t *testing.T) {
	for _, f := range everyFinding() {
		want := simple(f)
		got, err := report.ReadCode(want.Code())
		require.NoError(t, err, f)
		assert.Equal(t, want, got)
	}
}

// everyFinding is each cause with each confidence, alone, with each variant, and
// with each part of what it cannot tell apart.
func everyFinding() []report.Named {
	var all []report.Named
	for _, c := range diagnosis.Causes() {
		for _, confidence := range c.Confidences {
			all = append(all, report.Named{Code: c.Code, Confidence: confidence})
			for _, variant := range c.Variants {
				all = append(all, report.Named{Code: c.Code, Confidence: confidence, Variant: variant})
			}
			for part := 1; part < 1<<len(c.OneOf); part++ {
				f := report.Named{Code: c.Code, Confidence: confidence}
				for i, word := range c.OneOf {
					if part&(1<<i) != 0 {
						f.OneOf = append(f.OneOf, word)
					}
				}
				all = append(all, f)
			}
		}
	}
	return all
}

// TestCodesOfRealReports: everything that the summary says is so of the report,
// and the code is no longer than stated.
func TestCodesOfRealReports(t *testing.T) {
	lengths := make(map[int][]int) // of codes, by their number of findings
	for file, r := range recordedReports(t) {
		want := report.Summarize(r)
		code := report.Code(r)
		got, err := report.ReadCode(code)
		require.NoError(t, err, file)
		assert.Equal(t, want, got, file)
		assert.Equal(t, r.Verdict, got.Verdict)
		assert.Equal(t, r.Mode, got.Mode)
		for _, f := range got.Findings {
			i := slices.IndexFunc(r.Findings, func(of diagnosis.Finding) bool { return of.Code == f.Code })
			require.GreaterOrEqual(t, i, 0, file)
			assert.Equal(t, r.Findings[i].Confidence, f.Confidence)
			assert.Equal(t, r.Findings[i].Variant, f.Variant)
			assert.Equal(t, r.Findings[i].OneOf, f.OneOf, "%s: in the order of the cause", file)
		}
		assert.Equal(t, got.More, len(got.Findings) < len(r.Findings), file)
		assert.Regexp(t, `^[`+spelled+`]{3,4}(-[`+spelled+`]{3,4})+$`, code)
		length := len(strings.ReplaceAll(code, "-", ""))
		lengths[len(r.Findings)] = append(lengths[len(r.Findings)], length)
	}
	for findings, list := range lengths {
		slices.Sort(list)
		t.Logf("%d findings: %d reports, %d to %d characters, %d in the middle", findings, len(list), list[0], list[len(list)-1], list[len(list)/2])
	}
	assert.LessOrEqual(t, slices.Max(lengths[1]), 19)
	assert.LessOrEqual(t, lengths[1][len(lengths[1])*9/10], 15, "nine of ten with one finding")
	assert.LessOrEqual(t, slices.Max(lengths[2]), 22)
}

// TestTheWorstAndSurestHaveRoom: what is left out is said to be.
func TestTheWorstAndSurestHaveRoom(t *testing.T) {
	finding := func(code diagnosis.Code, severity diagnosis.Severity, confidence diagnosis.Confidence) diagnosis.Finding {
		return diagnosis.Finding{Code: code, Severity: severity, Confidence: confidence}
	}
	r := sample()
	r.Findings = []diagnosis.Finding{
		finding("network.dns", diagnosis.Blocking, diagnosis.Possible),
		finding("cookie.disabled", diagnosis.Blocking, diagnosis.Certain),
		finding("popup.blocked", diagnosis.Blocking, diagnosis.Likely),
		finding("storage.full", diagnosis.Degrading, diagnosis.Certain),
		finding("vpn.likely", diagnosis.Degrading, diagnosis.Likely),
		finding("vpn.relay", diagnosis.Notice, diagnosis.Likely),
	}
	codes := func(s report.Summary) (list []diagnosis.Code) {
		for _, f := range s.Findings {
			list = append(list, f.Code)
		}
		return list
	}
	r.NotChecked = nil
	s := report.Summarize(r)
	assert.True(t, s.More)
	assert.Equal(t, []diagnosis.Code{"network.dns", "cookie.disabled", "popup.blocked", "storage.full"}, codes(s))

	r.Findings[2].OneOf, r.Findings[2].Variant = []string{"no-activation"}, "second-window"
	for _, f := range []diagnosis.Code{"payment.x", "network.x", "cookie.x", "storage.x", "threeds.x", "popup.x", "blocker.x", "cache.x", "vpn.x", "*"} {
		r.NotChecked = append(r.NotChecked, diagnosis.NotChecked{Code: f, Reason: facts.ReasonCrashed})
	}
	s = report.Summarize(r)
	assert.True(t, s.More)
	assert.Equal(t, []diagnosis.Code{"cookie.disabled", "popup.blocked"}, codes(s), "the surest of the most severe")
	assert.LessOrEqual(t, len(strings.ReplaceAll(s.Code(), "-", "")), 22)
	assert.Equal(t, "*", s.NotChecked[len(s.NotChecked)-1].Family)

	r.Findings = append(r.Findings[:1:1], finding("foreign.cause", diagnosis.Blocking, diagnosis.Certain))
	s = report.Summarize(r)
	assert.Equal(t, []diagnosis.Code{"network.dns"}, codes(s))
	assert.True(t, s.More, "a cause without a number")
}

// TestWhatIsNotKnownHasNoNumber: a code of a report by another maker says less,
// and nothing wrong.
func TestWhatIsNotKnownHasNoNumber(t *testing.T) {
	r := &report.Report{
		Module: "9.9.9-fork", Mode: "elsewhere", Facts: &facts.Set{},
		Result: diagnosis.Result{Verdict: "odd", Findings: []diagnosis.Finding{
			{Code: "popup.blocked", Severity: diagnosis.Blocking, Confidence: diagnosis.Certain, Variant: "odd", OneOf: []string{"odd", "no-activation"}},
			{Code: "popup.blocked", Severity: diagnosis.Blocking, Confidence: "odd"},
		}},
	}
	got, err := report.ReadCode(report.Code(r))
	require.NoError(t, err)
	assert.Equal(t, report.Summary{
		More: true, Findings: []report.Named{{Code: "popup.blocked", Confidence: diagnosis.Certain, OneOf: []string{"no-activation"}}},
	}, got)
}

// TestEveryReasonHasItsClass says what a code makes of each reason.
func TestEveryReasonHasItsClass(t *testing.T) {
	for reason, want := range map[facts.Reason]report.Class{
		facts.ReasonNotConfigured: report.NotAsked, facts.ReasonNotAsked: report.NotAsked, facts.ReasonNoGesture: report.NotAsked,
		facts.ReasonOtherOrigin: report.NotAsked, facts.ReasonUnsupported: report.NotAsked, facts.ReasonNotKnown: report.NotAsked,
		facts.ReasonUnreachable: report.Unanswered, facts.ReasonTimedOut: report.Unanswered, facts.ReasonRefused: report.Refused,
		facts.ReasonNotObserved: report.Broken, facts.ReasonCrashed: report.Broken, facts.ReasonCancelled: report.Broken,
		facts.ReasonInvalid: report.Broken,
	} {
		r := &report.Report{Facts: &facts.Set{}, Result: diagnosis.Result{NotChecked: []diagnosis.NotChecked{
			{Code: "popup.blocked", Reason: facts.ReasonNotAsked}, {Code: "popup.overridden", Reason: reason},
		}}}
		assert.Equal(t, []report.Unchecked{{Family: "popup", Why: want}}, report.Summarize(r).NotChecked, reason)
	}
}

// TestEverythingHasANumber: what a release adds has to be appended to the lists
// that codes are read by.
func TestEverythingHasANumber(t *testing.T) {
	crosses := func(s report.Summary) {
		t.Helper()
		got, err := report.ReadCode(s.Code())
		require.NoError(t, err)
		assert.Equal(t, s, got)
	}
	crosses(report.Summary{Module: report.Version})
	for _, browser := range facts.Browser.Allowed {
		crosses(report.Summary{Browser: browser})
	}
	for _, platform := range facts.Platform.Allowed {
		crosses(report.Summary{Platform: platform})
	}
	for _, mode := range facts.Mode.Allowed {
		crosses(report.Summary{Mode: mode})
	}
	for _, verdict := range []diagnosis.Verdict{diagnosis.Blocked, diagnosis.Degraded, diagnosis.Clear, diagnosis.Inconclusive} {
		crosses(report.Summary{Verdict: verdict})
	}
	for _, c := range diagnosis.Causes() {
		crosses(report.Summary{NotChecked: []report.Unchecked{{Family: c.Code.Family(), Why: report.Refused}}})
	}
}

// TestTheListOfCausesIsWhole: a line for each cause, with all of its words, and
// none twice. Lines of causes that are gone stay.
func TestTheListOfCausesIsWhole(t *testing.T) {
	text, err := os.ReadFile("codes.txt")
	require.NoError(t, err)
	var codes []string
	for line := range strings.Lines(string(text)) {
		parts := strings.Split(strings.TrimSuffix(line, "\n")+";;", ";")
		assert.NotContains(t, codes, parts[0])
		codes = append(codes, parts[0])
		c, ok := diagnosis.Lookup(diagnosis.Code(parts[0]))
		if !ok {
			continue
		}
		for i, words := range [][]string{c.Variants, c.OneOf} {
			for _, word := range words {
				assert.Contains(t, strings.Fields(parts[i+1]), word, c.Code)
			}
			assert.True(t, inOrder(strings.Fields(parts[i+1]), words), "%s: the words that there are keep their order", c.Code)
		}
	}
	for _, c := range diagnosis.Causes() {
		assert.Contains(t, codes, string(c.Code), "append it to codes.txt")
	}
	assert.Less(t, len(codes), 200, "the base of the field")
}

// inOrder reports whether the words stand in the list in their order.
func inOrder(list, words []string) bool {
	last := -1
	for _, word := range words {
		i := slices.Index(list, word)
		if i < last {
			return false
		}
		last = i
	}
	return true
}

// releasedCodes holds a code for each thing that a finding can say, as the first
// release that could say it spelled it.
var releasedCodes = filepath.Join("..", "..", "testdata", "golden", "support-codes.txt")

// TestCodesThatWereGivenOutStillRead: nothing is ever renumbered. With -update
// what is new is added; what is there is never changed.
func TestCodesThatWereGivenOutStillRead(t *testing.T) {
	known := readReleased(t)
	if *update {
		f, err := os.OpenFile(releasedCodes, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		require.NoError(t, err)
		for _, named := range everyFinding() {
			if _, ok := known[describe(named)]; !ok {
				_, err := fmt.Fprintf(f, "%s %s\n", simple(named).Code(), describe(named))
				require.NoError(t, err)
			}
		}
		require.NoError(t, f.Close())
		known = readReleased(t)
	}
	for want, code := range known {
		s, err := report.ReadCode(code)
		require.NoError(t, err, code)
		require.Len(t, s.Findings, 1)
		assert.Equal(t, want, describe(s.Findings[0]), code)
		assert.Equal(t, "chrome", s.Browser)
	}
	for _, named := range everyFinding() {
		assert.Contains(t, known, describe(named), "add it with -update")
	}
}

// readReleased returns the codes by what they say.
func readReleased(t *testing.T) map[string]string {
	t.Helper()
	known := make(map[string]string)
	f, err := os.Open(releasedCodes)
	if *update && os.IsNotExist(err) {
		return known
	}
	require.NoError(t, err)
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		code, what, _ := strings.Cut(lines.Text(), " ")
		known[what] = code
	}
	return known
}

func describe(f report.Named) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s", f.Code, f.Confidence, f.Variant, strings.Join(f.OneOf, ",")))
}

// TestNoWrongCharacterIsTaken changes each character of a code of each length to
// each other one, and swaps each two neighbours.
func TestNoWrongCharacterIsTaken(t *testing.T) {
	for length, code := range codesByLength(t) {
		for i := range code {
			for _, other := range []byte(spelled) {
				if other != code[i] {
					wrong := code[:i] + string(other) + code[i+1:]
					_, err := report.ReadCode(wrong)
					require.ErrorIs(t, err, report.ErrMistyped, "%s for %s (%d characters)", wrong, code, length)
				}
			}
			if i > 0 && code[i] != code[i-1] {
				wrong := code[:i-1] + code[i:i+1] + code[i-1:i] + code[i+1:]
				_, err := report.ReadCode(wrong)
				require.ErrorIs(t, err, report.ErrMistyped, "%s for %s", wrong, code)
			}
		}
	}
}

// TestNoLostOrDoubledCharacterIsTaken: the one at the end, or at the beginning,
// too.
func TestNoLostOrDoubledCharacterIsTaken(t *testing.T) {
	for _, code := range codesByLength(t) {
		for i := range code {
			for _, wrong := range []string{code[:i] + code[i+1:], code[:i] + code[i:i+1] + code[i:]} {
				if wrong == code || len(wrong) > 22 {
					continue
				}
				_, err := report.ReadCode(wrong)
				assert.Error(t, err, "%s for %s", wrong, code)
			}
		}
		for _, more := range []byte(spelled) {
			_, err := report.ReadCode(code + string(more))
			assert.Error(t, err)
		}
	}
}

// codesByLength returns codes without dashes, one of each length that there is.
func codesByLength(t *testing.T) map[int]string {
	t.Helper()
	codes := make(map[int]string)
	add := func(s report.Summary) {
		code := strings.ReplaceAll(s.Code(), "-", "")
		codes[len(code)] = code
	}
	for _, r := range recordedReports(t) {
		add(report.Summarize(r))
	}
	add(report.Summary{})
	add(report.Summary{Verdict: diagnosis.Clear, Mode: "link"})
	add(report.Summary{Verdict: diagnosis.Clear, Mode: "link", Browser: "chrome", Platform: "ios"})
	assert.GreaterOrEqual(t, len(codes), 10)
	return codes
}

// TestWhatIsMisreadIsRead: as people write codes down, and type them.
func TestWhatIsMisreadIsRead(t *testing.T) {
	want := simple(report.Named{Code: "threeds.frame-covered", Confidence: diagnosis.Likely, Variant: "behind-dialog"})
	code := want.Code()
	plain := strings.ReplaceAll(code, "-", "")
	for name, typed := range map[string]string{
		"as it is":                code,
		"in lower case":           strings.ToLower(code),
		"without dashes":          plain,
		"with blanks":             strings.Join(strings.Split(plain, ""), " "),
		"with odd dashes":         strings.ReplaceAll(code, "-", " \u2013\u00a0"),
		"with the line's end":     "  " + code + "\r\n",
		"zero for D":              strings.ReplaceAll(code, "D", "0"),
		"O for D":                 strings.ReplaceAll(code, "D", "o"),
		"Q for D":                 strings.ReplaceAll(code, "D", "Q"),
		"B for 8":                 strings.ReplaceAll(code, "8", "b"),
		"G for 6":                 strings.ReplaceAll(code, "6", "G"),
		"S for 5":                 strings.ReplaceAll(code, "5", "S"),
		"Z for 2":                 strings.ReplaceAll(code, "2", "z"),
		"U for V":                 strings.ReplaceAll(code, "V", "U"),
		"N for M":                 strings.ReplaceAll(code, "M", "n"),
		"one for a slanted seven": strings.ReplaceAll(code, "7", "1"),
		"a Japanese keyboard":     mapped(code, map[rune]rune{'-': '\u30fc'}, '\uff01'-'!'),
		"an Arabic keyboard":      mapped(code, arabicDigits('\u0660'), 0),
		"a Persian keyboard":      mapped(code, arabicDigits('\u06f0'), 0),
		"copied with marks":       "\u2066" + strings.ReplaceAll(code, "-", "\u00ad-\u200b") + "\u2069\ufeff",
		"with fullwidth dashes":   strings.ReplaceAll(code, "-", "\uff0d"),
		"with underscores":        strings.ReplaceAll(code, "-", "_"),
		"with full stops":         strings.ReplaceAll(code, "-", "."),
		"with commas":             strings.ReplaceAll(code, "-", ", "),
		"in a sentence's quotes":  "\u201c" + code + ".\u201d",
		"quoted as code is":       "`" + code + "`",
		"in bold letters":         "*" + code + "*",
		"behind its name":         "Code: " + code + ".",
		"behind words":            "\"Support-Code des Berichts: " + code + "\",",
		"behind words in Chinese": "\u652f\u6301\u4ee3\u7801\uff1a" + code + "\u3002",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := report.ReadCode(typed)
			require.NoError(t, err, typed)
			assert.Equal(t, want, got)
		})
	}
}

// TestLettersOfOtherAlphabetsAreReadAsTheyLook: each in some code that was given
// out.
func TestLettersOfOtherAlphabetsAreReadAsTheyLook(t *testing.T) {
	given := slices.Sorted(maps.Values(readReleased(t)))
	for _, test := range []struct{ letters, typed string }{
		{"ACEHKMPTXY3", "\u0410\u0421\u0415\u041d\u041a\u041c\u0420\u0422\u0425\u0423\u0417"}, // Cyrillic
		{"ACEHKMPTXY3", "\u0430\u0441\u0435\u043d\u043a\u043c\u0440\u0442\u0445\u0443\u0437"}, // the small ones
		{"8D", "\u0412\u041e"}, {"8D", "\u0432\u043e"}, // Cyrillic Ve and O, as B and O
		{"AEHKMPTXY", "\u0391\u0395\u0397\u039a\u039c\u03a1\u03a4\u03a7\u03a5"},        // Greek
		{"8DM2", "\u0392\u039f\u039d\u0396"},                                           // Greek Beta, Omicron, Ny and Zeta, as B, O, N and Z
		{"AEKPTVXY8D", "\u03b1\u03b5\u03ba\u03c1\u03c4\u03bd\u03c7\u03c5\u03b2\u03bf"}, // the small ones
	} {
		for i, typed := range []rune(test.typed) {
			letter := test.letters[i : i+1]
			at := slices.IndexFunc(given, func(code string) bool { return strings.Contains(code, letter) })
			require.GreaterOrEqual(t, at, 0, letter)
			want, err := report.ReadCode(given[at])
			require.NoError(t, err)
			got, err := report.ReadCode(strings.ReplaceAll(given[at], letter, string(typed)))
			require.NoError(t, err, "%U for %s", typed, letter)
			assert.Equal(t, want, got, "%U for %s", typed, letter)
		}
	}
}

// mapped replaces characters by the map, and moves the others.
func mapped(text string, by map[rune]rune, moved rune) string {
	return strings.Map(func(r rune) rune {
		if to, ok := by[r]; ok {
			return to
		}
		return r + moved
	}, text)
}

func arabicDigits(zero rune) map[rune]rune {
	digits := make(map[rune]rune)
	for i := range rune(10) {
		digits['0'+i] = zero + i
	}
	return digits
}

// TestAHugeReportHasACodeSoon: as many findings as a megabyte holds.
func TestAHugeReportHasACodeSoon(t *testing.T) {
	r := sample()
	for range 15_000 {
		r.Findings = append(r.Findings, diagnosis.Finding{Code: "odd.cause", Severity: diagnosis.Blocking, Confidence: diagnosis.Certain})
		r.NotChecked = append(r.NotChecked, diagnosis.NotChecked{Code: "odd.cause", Reason: "odd"})
	}
	began := time.Now()
	s := report.Summarize(r)
	assert.True(t, s.More)
	assert.NotEmpty(t, s.Findings)
	assert.Less(t, time.Since(began), 5*time.Second)
}

func TestReadCodeRefuses(t *testing.T) {
	code := simple(report.Named{Code: "popup.blocked", Confidence: diagnosis.Certain}).Code()
	for name, test := range map[string]struct{ text, want string }{
		"nothing":                {"", "read the support code: 0 characters are too few"},
		"dashes alone":           {"---", "read the support code: 0 characters are too few"},
		"check digits alone":     {code[len(code)-3:], "read the support code: 3 characters are too few"},
		"a letter of no code":    {"I" + code[1:], "read the support code: 'I' is in no code: it is character 1"},
		"another alphabet's I":   {"\u0406" + code[1:], "read the support code: U+0406 'І' is in no code: it is character 1"},
		"a letter like two":      {"\u03bc" + code[1:], "read the support code: U+03BC 'μ' is in no code: it is character 1"},
		"a name alone":           {"Support code:", "the check digits do not fit"},
		"a colon behind it":      {code + ": 3", "read the support code: 1 characters are too few"},
		"a control character":    {code[:3] + "\x1b", `read the support code: '\x1b' is in no code: it is character 4`},
		"bytes that are no text": {"\xff\xfe", "read the support code: U+FFFD '�' is in no code: it is character 1"},
		"two codes":              {code + code, "read the support code: 2"},
		"a megabyte":             {strings.Repeat("2", 1<<20), "read the support code: 1048576 bytes are too many"},
		"a typing error":         {"3" + code[1:], "the check digits do not fit"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := report.ReadCode(test.text)
			assert.ErrorContains(t, err, test.want)
		})
	}
}

// TestRandomCodesAreRefused: by chance the check digits fit one of 23^3 = 12167
// times, and none of 100,000 is more than refused. What fits means something
// less often still.
func TestRandomCodesAreRefused(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const tries = 100_000
	fits, taken := 0, 0
	before := allocated()
	for range tries {
		text := make([]byte, 8+random.IntN(15))
		for i := range text {
			text[i] = spelled[random.IntN(len(spelled))]
		}
		_, err := report.ReadCode(string(text))
		if err == nil {
			taken++
		}
		if err == nil || !strings.Contains(err.Error(), "check digits") {
			fits++
		}
	}
	t.Logf("of %d random codes the check digits of %d fit, and %d mean something", tries, fits, taken)
	// Of 8.2 that are expected.
	assert.GreaterOrEqual(t, fits, 1)
	assert.LessOrEqual(t, fits, 20)
	assert.LessOrEqual(t, taken, fits)
	assert.Less(t, allocated()-before, uint64(tries*512), "bytes, 512 a code")
}

// allocated is how many bytes were ever allocated on the heap.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func FuzzReadCode(f *testing.F) {
	f.Add(simple(report.Named{Code: "popup.blocked", Confidence: diagnosis.Certain, OneOf: []string{"no-activation"}}).Code())
	f.Add(simple(report.Named{Code: "payment.declined", Confidence: diagnosis.Certain, Variant: "no-reason"}).Code())
	f.Add(report.Summary{}.Code())
	f.Add("0OQ- bG\u2013\x1b")
	f.Add("\uff21\u0662\u30fc\u2066\u00ad")
	f.Add("Code: \u0410\u03b1\u201d.")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := report.ReadCode(text)
		if err != nil {
			return
		}
		again, err := report.ReadCode(s.Code())
		require.NoError(t, err)
		assert.Equal(t, s, again)
	})
}
