package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/report"
)

var goldenReport = filepath.Join("..", "..", "testdata", "golden", "report.json")

// golden compares the text with a golden file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("..", "..", "testdata", "golden", name)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// goldenCode is the support code of the golden report.
func goldenCode(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(goldenReport)
	require.NoError(t, err)
	r, err := report.Decode(text)
	require.NoError(t, err)
	return report.Code(r)
}

func TestReportShowSaysAll(t *testing.T) {
	stdout, stderr, code := command(t, "report", "show", goldenReport)
	require.Equal(t, probe.ExitOK, code, stderr)
	golden(t, "report-show.txt", stdout)
	assert.Contains(t, stdout, goldenCode(t))

	stdout, stderr, code = command(t, "report", "show", goldenCode(t))
	require.Equal(t, probe.ExitOK, code, stderr)
	golden(t, "report-show-code.txt", stdout)

	page := filepath.Join(t.TempDir(), "report.html")
	stdout, stderr, code = command(t, "report", "show", "--html", page, goldenReport)
	require.Equal(t, probe.ExitOK, code, stderr)
	assert.Empty(t, stdout)
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	golden(t, "report-show.html", string(text))
}

// TestReportShowTakesWhatPeopleHave: a file, standard input, or a code as it was
// read out, also one in a file.
func TestReportShowTakesWhatPeopleHave(t *testing.T) {
	code := goldenCode(t)
	file := filepath.Join(t.TempDir(), "code.txt")
	require.NoError(t, os.WriteFile(file, []byte(code+"\r\n"), 0o600))
	text, err := os.ReadFile(goldenReport)
	require.NoError(t, err)
	for name, test := range map[string]struct{ arg, stdin string }{
		"a code":               {arg: code},
		"in lower case":        {arg: strings.ToLower(code)},
		"with blanks":          {arg: strings.ReplaceAll(code, "-", " ")},
		"a code in a file":     {arg: file},
		"a code from stdin":    {arg: "-", stdin: "  " + code + "\n"},
		"a quoted sentence":    {arg: "\u201c" + code + ".\u201d"},
		"with full stops":      {arg: strings.ReplaceAll(code, "-", ".")},
		"behind its name":      {arg: "Code: " + code},
		"a whole line":         {arg: "-", stdin: "Support code: " + code + ",\n"},
		"a report from stdin":  {arg: "-", stdin: string(text)},
		"a file":               {arg: goldenReport},
		"with later keys":      {arg: "-", stdin: strings.Replace(string(text), `"schema": 1`, `"schema": 1, "later": {"x": [1]}`, 1)},
		"with a fact of later": {arg: "-", stdin: strings.Replace(string(text), `"facts": {`, `"facts": {"later.fact": {"from": "x", "value": 1},`, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := readSubject(strings.NewReader(test.stdin), test.arg)
			require.NoError(t, err)
			assert.Equal(t, code, s.summary.Code())
			v, err := viewOf(s)
			require.NoError(t, err)
			assert.Equal(t, "This stops your payment", v.Title)
		})
	}
}

func TestReportRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	good, err := os.ReadFile(goldenReport)
	require.NoError(t, err)
	code := goldenCode(t)
	typo := mistyped(code)
	for name, test := range map[string]struct {
		args   []string
		stderr string
	}{
		"ten megabytes":       {[]string{"show", write("large.json", strings.Repeat(" ", 10<<20))}, "it has more than 1024 KB"},
		"deep JSON":           {[]string{"show", write("deep.json", strings.Repeat(`{"a":`, 100_000))}, "decode report: "},
		"a later schema":      {[]string{"show", write("later.json", strings.Replace(string(good), `"schema": 1`, `"schema": 2`, 1))}, "schema 2 is not supported"},
		"another file":        {[]string{"show", write("x.json", `{"a": 1}`)}, "schema: a number is needed"},
		"an empty file":       {[]string{"show", write("empty.json", "")}, "empty.json is empty"},
		"an empty line":       {[]string{"show", write("blank.json", "\ufeff \r\n")}, "blank.json is empty"},
		"a text":              {[]string{"show", write("text.txt", "Dear support, it does not work.\n")}, "text.txt has no report, and as a code: read the support code: 'i' is in no code: it is character 12"},
		"a long text":         {[]string{"show", write("long.txt", strings.Repeat("Dear support. ", 100))}, "decode report: invalid character"},
		"a mistyped code":     {[]string{"show", typo}, "and as a code: read the support code: a character is wrong"},
		"one in a file":       {[]string{"show", write("code.txt", typo)}, "code.txt has no report, and as a code: read the support code: a character is wrong"},
		"one of many words":   {[]string{"show", "Code:", strings.ReplaceAll(typo, "-", " ") + "."}, "and as a code: read the support code: a character is wrong"},
		"a number":            {[]string{"show", "0123456789abcde4"}, "0123456789abcde4 is the number of a report, not a code: `checkoutdoctor report list --id 0123456789abcde4 FOLDER` finds its file"},
		"a number of a page":  {[]string{"show", "Bericht", "0123456789ABCDE4."}, "0123456789abcde4 is the number of a report"},
		"a number to compare": {[]string{"diff", "0123456789abcde4", goldenReport}, "0123456789abcde4 is the number of a report"},
		"no such number":      {[]string{"show", "report-0123456789abcde4.json"}, "no such file"},
		"two files":           {[]string{"show", goldenReport, goldenReport}, "show takes one report at a time"},
		"a code and a file":   {[]string{"show", code, goldenReport}, "is a file of its own; where it is a part of a code, put the code in quotes"},
		"no such file":        {[]string{"show", filepath.Join(dir, "none.json")}, "no such file"},
		"neither":             {[]string{"show", "hello"}, `there is no file "hello", and as a code: read the support code: 'l' is in no code`},
		"a folder":            {[]string{"show", dir}, "is a directory"},
		"nothing":             {[]string{"show"}, "which report? The command is checkoutdoctor report show FILE|CODE|- [flags]"},
		"one to compare":      {[]string{"diff", goldenReport}, "accepts 2 arg(s)"},
		"stdin twice":         {[]string{"diff", "-", "-"}, "only one of the reports"},
		"diff of no report":   {[]string{"diff", goldenReport, filepath.Join(dir, "x.json")}, "schema: a number is needed"},
		"an unknown command":  {[]string{"print", "x"}, `unknown command "print"`},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, code := command(t, append([]string{"report"}, test.args...)...)
			assert.Equal(t, probe.ExitUsage, code)
			assert.Contains(t, stderr, test.stderr)
			assert.Less(t, len(stderr), 1000)
			assert.Empty(t, stdout)
		})
	}
	_, stderr, exited := command(t, "report", "show", "--html", filepath.Join(dir, "none", "x.html"), goldenReport)
	assert.Equal(t, probe.ExitEnvironment, exited)
	assert.Contains(t, stderr, "--html: open ")
}

// mistyped is a code with its first character wrong.
func mistyped(code string) string {
	if code[0] == '3' {
		return "4" + code[1:]
	}
	return "3" + code[1:]
}

// TestStandardInputIsToldWhatIsWrongWithIt: it has no name to be looked up by.
func TestStandardInputIsToldWhatIsWrongWithIt(t *testing.T) {
	for name, test := range map[string]struct{ stdin, want string }{
		"nothing":         {"", "read the report: standard input is empty"},
		"an empty line":   {"\r\n", "read the report: standard input is empty"},
		"a mistyped code": {mistyped(goldenCode(t)) + "\n", "standard input has no report, and as a code: read the support code: a character is wrong, missing or in another's place: the check digits do not fit"},
		"a number":        {"Report 0123456789abcde4\n", "standard input has no report, and 0123456789abcde4 is the number of a report, not a code: `checkoutdoctor report list --id 0123456789abcde4 FOLDER` finds its file"},
		"no report":       {"{}", "read the report standard input: decode report: schema: a number is needed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readSubject(strings.NewReader(test.stdin), "-")
			assert.EqualError(t, err, test.want)
		})
	}
}

// TestACodeInSeveralWordsIsOne for what shows it, and for what says that it has
// nothing to replay.
func TestACodeInSeveralWordsIsOne(t *testing.T) {
	words := strings.Split(strings.ToLower(goldenCode(t)), "-")
	stdout, stderr, code := command(t, append([]string{"report", "show"}, words...)...)
	require.Equal(t, probe.ExitOK, code, stderr)
	assert.Contains(t, stdout, goldenCode(t))
	_, stderr, code = command(t, append([]string{"replay"}, words...)...)
	assert.Equal(t, probe.ExitUsage, code)
	assert.Contains(t, stderr, "a support code has no facts to replay")
}

// TestAPageOverwritesNoFile: neither the report that it shows nor any other.
func TestAPageOverwritesNoFile(t *testing.T) {
	before, err := os.ReadFile(goldenReport)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "report.json")
	require.NoError(t, os.WriteFile(file, before, 0o600))
	_, stderr, code := command(t, "report", "show", "--html", file, file)
	assert.Equal(t, probe.ExitUsage, code)
	assert.Contains(t, stderr, "--html: "+file+" is there already, and is not overwritten: name another file")
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))

	page := filepath.Join(t.TempDir(), "report.html")
	_, stderr, code = command(t, "report", "show", "--html", page, file)
	require.Equal(t, probe.ExitOK, code, stderr)
	written, err := os.ReadFile(page)
	require.NoError(t, err)
	stdout, stderr, code := command(t, "report", "show", "--html", "-", file)
	require.Equal(t, probe.ExitOK, code, stderr)
	assert.Equal(t, string(written), stdout)
}

// hostile is a report in which every string that a report can have, but for the
// words of facts, is markup and what a terminal acts upon.
func hostile(t *testing.T) string { return hostileWith(t, attack) }

// hostileWith is such a report with another text. The origins that facts have are
// spoiled too.
func hostileWith(t *testing.T, attack string) string {
	t.Helper()
	text, err := os.ReadFile(goldenReport)
	require.NoError(t, err)
	var tree map[string]any
	require.NoError(t, json.Unmarshal(text, &tree))
	spoiled := spoil(tree, attack).(map[string]any)
	spoiled["facts"] = tree["facts"]
	origin := "https://" + strings.NewReplacer("/", "", "?", "", "#", "", "@", "", `\`, "", " ", "").Replace(attack)
	spoiled["facts"].(map[string]any)["network.provider-origin"] = map[string]any{"from": "x", "value": origin}
	out, err := json.Marshal(spoiled)
	require.NoError(t, err)
	return string(out)
}

const attack = "</style></title><script>alert(1)</script><img src=x onerror=alert(1)>\x1b]0;owned\x07\x1b[2J\u009b31m\u202e\r\n\x00'\"{{.}}javascript:"

// spoil puts the attack in every string's place.
func spoil(v any, attack string) any {
	switch v := v.(type) {
	case string:
		return attack
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = spoil(item, attack)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = spoil(item, attack)
		}
		return out
	}
	return v
}

func TestMarkupIsShownAsText(t *testing.T) {
	s, err := readSubject(strings.NewReader(hostile(t)), "-")
	require.NoError(t, err)
	v, err := viewOf(s)
	require.NoError(t, err)

	text := string(v.text())
	assert.Contains(t, text, `\x1b]0;owned\a`)
	assert.Contains(t, text, `\u202e`)
	assert.NotRegexp(t, "[\x00-\x09\x0b-\x1f\x7f-\u009f\u202a-\u202e\u2066-\u2069]", text)

	page, err := v.page()
	require.NoError(t, err)
	doc, err := html.Parse(strings.NewReader(string(page)))
	require.NoError(t, err)
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		assert.NotContains(t, []string{"script", "img", "a", "link", "iframe", "form", "base", "object"}, n.Data)
		for _, a := range n.Attr {
			assert.False(t, strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "href", "%s of %s", a.Key, n.Data)
		}
	}
	assert.Contains(t, string(page), "&lt;script&gt;alert(1)&lt;/script&gt;")

	stdin := filepath.Join(t.TempDir(), "hostile.json")
	require.NoError(t, os.WriteFile(stdin, []byte(hostile(t)), 0o600))
	for _, args := range [][]string{{"report", "diff", goldenReport, stdin}, {"replay", stdin}} {
		stdout, _, code := command(t, args...)
		assert.Equal(t, probe.ExitFailed, code)
		assert.NotRegexp(t, "[\x00-\x09\x0b-\x1f\x7f-\u009f\u202a-\u202e]", stdout)
	}
}

// TestThePageAllowsItsOwnStyleAlone: the policy's hash is that of the style sheet
// as it stands in the page.
func TestThePageAllowsItsOwnStyleAlone(t *testing.T) {
	s, err := readSubject(nil, goldenReport)
	require.NoError(t, err)
	v, err := viewOf(s)
	require.NoError(t, err)
	page, err := v.page()
	require.NoError(t, err)
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindSubmatch(page)
	require.NotNil(t, style)
	sum := sha256.Sum256(style[1])
	doc, err := html.Parse(strings.NewReader(string(page)))
	require.NoError(t, err)
	policy := ""
	for n := range doc.Descendants() {
		if n.Data == "meta" && len(n.Attr) == 2 && n.Attr[0].Val == "Content-Security-Policy" {
			policy = n.Attr[1].Val
		}
	}
	assert.Equal(t, "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'; base-uri 'none'; form-action 'none'", policy)
}

func TestReportDiffSaysWhatDiffers(t *testing.T) {
	text, err := os.ReadFile(goldenReport)
	require.NoError(t, err)
	other := filepath.Join(t.TempDir(), "other.json")
	changed := strings.NewReplacer(`"verdict": "blocked"`, `"verdict": "clear"`, `"id": "0`, `"id": "f`,
		`"code": "vpn.suspected"`, `"code": "vpn.likely"`,
		"\"from\": \"popup\",\n      \"unknown\": \"no-gesture\"", "\"from\": \"popup\",\n      \"value\": \"window\"").Replace(string(text))
	require.NoError(t, os.WriteFile(other, []byte(changed), 0o600))

	stdout, stderr, code := command(t, "report", "diff", goldenReport, goldenReport)
	assert.Equal(t, probe.ExitOK, code, stderr)
	assert.Equal(t, "the same\n", stdout)

	stdout, stderr, code = command(t, "report", "diff", goldenReport, other)
	assert.Equal(t, probe.ExitFailed, code)
	assert.Empty(t, stderr)
	assert.Equal(t, `verdict: blocked -> clear
finding vpn.suspected: gone
finding vpn.likely: new
fact popup.result: value null -> "window"
fact popup.result: unknown "no-gesture" -> null
`, stdout)

	var got struct {
		Same        bool
		Differences []probe.Difference
	}
	stdout, _, code = command(t, "report", "diff", "--json", goldenReport, other)
	assert.Equal(t, probe.ExitFailed, code)
	require.NoError(t, json.Unmarshal([]byte(stdout), &got))
	assert.False(t, got.Same)
	assert.Len(t, got.Differences, 5)
	assert.Equal(t, probe.Difference{Part: "finding", Name: "vpn.suspected", Change: probe.Gone}, got.Differences[1])

	stdout, _, code = command(t, "report", "diff", "--json", goldenReport, goldenReport)
	assert.Equal(t, probe.ExitOK, code)
	assert.JSONEq(t, `{"same": true, "differences": []}`, stdout)
}

// TestACodeShowsWhatItsReportDoes: for every recorded run, all that the code says
// is what the report says.
func TestACodeShowsWhatItsReportDoes(t *testing.T) {
	for s, r := range recorded(t) {
		full, err := viewOf(subject{report: r, summary: report.Summarize(r)})
		require.NoError(t, err)
		summary, err := report.ReadCode(report.Code(r))
		require.NoError(t, err)
		short, err := viewOf(subject{summary: summary})
		require.NoError(t, err)
		assert.Equal(t, full.Title, short.Title, s.ID)
		for _, f := range short.Findings {
			var same []findingView
			for _, g := range full.Findings {
				if g.Code == f.Code {
					same = append(same, g)
				}
			}
			require.Len(t, same, 1)
			assert.Equal(t, []any{same[0].Title, same[0].Text, same[0].Confidence, same[0].Severity, same[0].Variant, same[0].OneOf},
				[]any{f.Title, f.Text, f.Confidence, f.Severity, f.Variant, f.OneOf}, s.ID)
		}
	}
}

// TestTheVerdictIsAsSureAsItsSurestFinding: what is only possible does not stop a
// payment for certain.
func TestTheVerdictIsAsSureAsItsSurestFinding(t *testing.T) {
	words, err := newReportWords("", "")
	require.NoError(t, err)
	finding := func(s diagnosis.Severity, c diagnosis.Confidence) diagnosis.Finding {
		return diagnosis.Finding{Severity: s, Confidence: c}
	}
	for want, findings := range map[string][]diagnosis.Finding{
		"This stops your payment":           {finding(diagnosis.Blocking, diagnosis.Possible), finding(diagnosis.Blocking, diagnosis.Certain), finding(diagnosis.Blocking, diagnosis.Likely)},
		"This probably stops your payment":  {finding(diagnosis.Blocking, diagnosis.Possible), finding(diagnosis.Blocking, diagnosis.Likely), finding(diagnosis.Notice, diagnosis.Certain)},
		"This may be stopping your payment": {finding(diagnosis.Blocking, diagnosis.Possible), finding(diagnosis.Notice, diagnosis.Certain)},
	} {
		assert.Equal(t, want, words.verdict(diagnosis.Blocked, findings))
	}
	assert.Equal(t, "Nothing in this browser explains the failure", words.verdict(diagnosis.Clear, []diagnosis.Finding{finding(diagnosis.Notice, diagnosis.Possible)}))
}

// TestReportExamplesParse runs the flags of the examples in the help texts.
func TestReportExamplesParse(t *testing.T) {
	for _, c := range reportCommand().Commands() {
		require.NotEmpty(t, c.Example, c.Name())
		for line := range strings.SplitSeq(c.Example, "\n") {
			words := strings.Fields(line)
			require.Equal(t, []string{"checkoutdoctor", "report", c.Name()}, words[:3], line)
			require.NoError(t, c.ParseFlags(words[3:]), line)
			require.NoError(t, c.ValidateArgs(c.Flags().Args()), line)
			for _, arg := range c.Flags().Args() {
				if !strings.ContainsAny(arg, "./") {
					_, err := report.ReadCode(arg)
					assert.NoError(t, err, "%s: the code of the example", line)
				}
			}
		}
	}
}
