package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
)

// asCommand makes the test's own program behave as the command.
const asCommand = "CHECKOUTDOCTOR_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	if how := os.Getenv(asLoad); how != "" {
		load(how)
	}
	os.Exit(m.Run())
}

// command runs a command line and returns what it printed and its exit code.
func command(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(args, &out, &errs)
	return out.String(), errs.String(), code
}

func TestCommands(t *testing.T) {
	t.Setenv("CHECKOUTDOCTOR_BROWSER", "/nonexistent/browser")
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	typo := write("typo.yaml", "name: a\nprofil: {cookies: block}\nexpect: {verdict: clear}\n")
	good := write("acs-hang.yaml", "name: a\nexpect: {verdict: clear}\n")
	noReport := write("no-report.json", "{}")

	for name, test := range map[string]struct {
		args   []string
		code   int
		stdout string // is contained
		stderr string // is contained
	}{
		"no command":           {args: nil, stdout: "checkoutdoctor [command]"},
		"help":                 {args: []string{"probe", "--help"}, stdout: "4 nothing ran"},
		"unknown command":      {args: []string{"prob"}, code: 2, stderr: `unknown command "prob"`},
		"unknown option":       {args: []string{"probe", "--tag", "x"}, code: 2, stderr: "See 'checkoutdoctor probe --help'."},
		"version":              {args: []string{"version"}, stdout: "checkoutdoctor " + version},
		"version of something": {args: []string{"version", "x"}, code: 2, stderr: "checkoutdoctor version --help"},

		"reset link":            {args: []string{"reset-url", "ads.tiktok.com/x?aadvid=7#top"}, stdout: "https://ads.tiktok.com/x?aadvid=7&reset_cache=1#top\n"},
		"reset link of no link": {args: []string{"reset-url", "javascript:alert(1)"}, code: 2, stderr: "javascript"},
		"reset link of nothing": {args: []string{"reset-url"}, code: 2, stderr: "accepts 1 arg(s)"},

		"explain":                {args: []string{"explain", "threeds.acs-hang"}, stdout: "lab fault acs-hang"},
		"explain a VPN's part":   {args: []string{"explain", "threeds.acs-hang"}, stdout: "pause-relay"},
		"explain what IT can do": {args: []string{"explain", "blocker.frame-blocked"}, stdout: "(ask-it, for IT)"},
		"explain all":            {args: []string{"explain"}, stdout: "vpn.suspected"},
		"explain a typo":         {args: []string{"explain", "acs-hang"}, code: 2, stderr: "there is no cause acs-hang"},
		"explain a near miss":    {args: []string{"explain", "popup.block"}, code: 2, stderr: "did you mean popup.blocked?"},

		"faults of the lab":   {args: []string{"lab", "--list-faults"}, stdout: "notification-silent"},
		"lab on the internet": {args: []string{"lab", "--listen", "0.0.0.0:0"}, code: 3, stderr: "loopback"},

		"key without certificate":       {args: []string{"serve", "--tls-key", "k.pem"}, code: 2, stderr: "need each other"},
		"certificate that is not there": {args: []string{"serve", "--listen", "127.0.0.1:0", "--tls-cert", noReport + ".pem", "--tls-key", noReport + ".pem"}, code: 2, stderr: "checkoutdoctor: --tls-cert: open"},
		"helper that is no origin":      {args: []string{"serve", "--helper", "helper.example"}, code: 2, stderr: "is no origin"},
		"helper over plain HTTP":        {args: []string{"serve", "--helper", "http://helper.example"}, code: 2, stderr: "--helper: it must be https"},
		"time scale of nothing":         {args: []string{"lab", "--time-scale", "0"}, code: 2, stderr: "--time-scale is 0"},
		"version as a flag":             {args: []string{"--version"}, stdout: "checkoutdoctor " + version + "\n"},
		"helper with a path":            {args: []string{"serve", "--helper", "https://helper.example/x"}, code: 2, stderr: "is no origin"},
		"helper's address without it":   {args: []string{"serve", "--helper-listen", ":1"}, code: 2, stderr: "--helper-listen needs --helper"},
		"a STUN server that is none":    {args: []string{"serve", "--stun-url", "https://stun.example"}, code: 2, stderr: "is no STUN server"},
		"an address that is none":       {args: []string{"serve", "--listen", "nowhere:x"}, code: 2, stderr: `--listen: "nowhere:x" is no address and port`},

		"list":                     {args: []string{"probe", "--list", "--tags", "popup"}, stdout: "popup/too-late"},
		"no scenario of that name": {args: []string{"probe", "acs-hangs"}, code: 4, stderr: "none is called acs-hangs; did you mean acs-hang?"},
		"no scenario of that tag":  {args: []string{"probe", "--tags", "isuer"}, code: 4, stderr: "did you mean issuer?"},
		"no scenario that matches": {args: []string{"probe", "--run", "^x$"}, code: 4, stderr: "no scenario matched: matching ^x$"},
		"a pattern that is none":   {args: []string{"probe", "--run", "("}, code: 2, stderr: "--run: error parsing regexp"},
		"no such file":             {args: []string{"probe", filepath.Join(dir, "nofile.yaml")}, code: 2, stderr: "nofile.yaml: no such file"},
		"a bad scenario file":      {args: []string{"probe", typo}, code: 2, stderr: typo + ":2: unknown key profil; did you mean profile?"},
		"two of the same name":     {args: []string{"probe", "--list", good, "acs-hang"}, code: 2, stderr: "two scenarios are called acs-hang"},
		"no workers":               {args: []string{"probe", "-j", "0"}, code: 2, stderr: "at least 1"},
		"no browser":               {args: []string{"probe", "acs-hang"}, code: 3, stderr: "no usable browser"},

		"result that cannot be kept": {args: []string{"probe", "acs-hang", "--json", filepath.Join(dir, "none", "x.json")}, code: 3, stderr: "checkoutdoctor: write the result: open"},
		"replay of no file":          {args: []string{"replay", filepath.Join(dir, "none.json")}, code: 2, stderr: "no such file"},
		"replay of no report":        {args: []string{"replay", noReport}, code: 2, stderr: "no-report.json: decode report"},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, code := command(t, test.args...)
			assert.Equal(t, test.code, code, stderr)
			assert.Contains(t, stdout, test.stdout)
			assert.Contains(t, stderr, test.stderr)
			if test.stderr == "" {
				assert.Empty(t, stderr)
			}
		})
	}
}

func TestAnInterruptBeforeTheFirstScenarioIsOne(t *testing.T) {
	file := filepath.Join(t.TempDir(), "result.json")
	require.NoError(t, os.WriteFile(file, []byte("of an earlier run"), 0o600))
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	var stdout, stderr bytes.Buffer
	assert.Equal(t, probe.ExitInterrupted, runUntil(ctx, []string{"probe", "acs-hang", "--json", file}, &stdout, &stderr))
	assert.NotContains(t, stderr.String(), probe.ErrNoBrowser.Error())
	left, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Empty(t, left, "what an earlier run wrote is gone")
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWhatCannotBePrintedIsNoErrorOfUsage(t *testing.T) {
	for _, args := range [][]string{
		{"version"}, {"explain"}, {"explain", "popup.blocked"}, {"reset-url", "ads.tiktok.com"}, {"lab", "--list-faults"}, {"probe", "--list"},
	} {
		var stderr bytes.Buffer
		assert.Equal(t, probe.ExitEnvironment, run(args, full{}, &stderr), args)
		assert.Equal(t, "checkoutdoctor: print: no space left\n", stderr.String(), args)
	}
}

func TestEveryAudienceHasItsWords(t *testing.T) {
	for _, r := range diagnosis.Remedies() {
		assert.NotEmpty(t, audiences[r.For], "%s is for %q", r.Code, r.For)
	}
}

func TestThereAreNoOtherCommands(t *testing.T) {
	var names []string
	for _, c := range rootCommand().Commands() {
		names = append(names, c.Name())
		assert.NotEmpty(t, c.Short, c.Name())
		assert.NotEmpty(t, c.Long+c.Short, c.Name())
	}
	assert.ElementsMatch(t, []string{"probe", "serve", "lab", "replay", "reset-url", "explain", "link", "embed", "report", "version"}, names)
}

// TestExamplesParse runs the flags of every example in the help texts through
// the command that they are an example of.
func TestExamplesParse(t *testing.T) {
	for _, c := range rootCommand().Commands() {
		for line := range strings.SplitSeq(c.Example, "\n") {
			words := strings.Fields(strings.SplitN(line, " | ", 2)[0])
			if len(words) == 0 {
				continue
			}
			require.Equal(t, []string{"checkoutdoctor", c.Name()}, words[:2], line)
			require.NoError(t, c.ParseFlags(words[2:]), line)
			require.NoError(t, c.ValidateArgs(c.Flags().Args()), line)
		}
	}
}

func TestReplaySaysWhatDiffers(t *testing.T) {
	var s facts.Set
	s.PutBool(facts.Online, false, "network")
	s.PutString(facts.ControlReached, "failed", "network")
	for _, k := range facts.All() {
		if !s.Touched(k) {
			s.PutUnknown(k, facts.ReasonNotObserved, "test")
		}
	}
	today := &report.Report{
		Schema: report.Schema, ID: "1", GeneratedAt: "2026-01-01T00:00:00Z", Module: "test", Mode: "embed",
		Result: diagnosis.Judge(&s), Facts: &s,
	}
	old := *today
	old.Verdict = diagnosis.Clear
	old.Findings = nil
	files := make(map[string]string)
	for name, r := range map[string]*report.Report{"today": today, "old": &old} {
		text, err := report.Encode(r)
		require.NoError(t, err)
		files[name] = filepath.Join(t.TempDir(), name+".json")
		require.NoError(t, os.WriteFile(files[name], text, 0o600))
	}
	wanted, err := report.Encode(today)
	require.NoError(t, err)

	stdout, stderr, code := command(t, "replay", files["today"])
	assert.Equal(t, probe.ExitOK, code, stderr)
	assert.Equal(t, "the same: blocked, 1 finding\n", stdout)

	stdout, _, code = command(t, "replay", files["old"])
	assert.Equal(t, probe.ExitFailed, code)
	assert.Equal(t, "verdict: clear -> blocked\nfinding network.offline: new\n", stdout)

	for name, exit := range map[string]int{"today": probe.ExitOK, "old": probe.ExitFailed} {
		stdout, _, code = command(t, "replay", "--json", files[name])
		assert.Equal(t, exit, code)
		assert.Equal(t, string(wanted), stdout)
	}
}

// lineWriter hands over what a command prints line by line, while it runs.
type lineWriter chan string

func (w lineWriter) Write(p []byte) (int, error) {
	w <- string(p)
	return len(p), nil
}

func TestLabDescribesItselfAndEndsWhenInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	printed := make(lineWriter, 1)
	ended := make(chan int)
	go func() { ended <- runUntil(ctx, []string{"lab", "--json"}, printed, os.Stderr) }()
	var info struct {
		Pay, Link, Address, CA string
		Hosts                  []string
		Origins                map[string]string
		Faults                 []struct{ Code, Title, Gives string }
	}
	require.NoError(t, json.Unmarshal([]byte(<-printed), &info))
	assert.Equal(t, "https://pay.merchant.test/?card=4000000000002140", info.Pay)
	assert.Len(t, info.Origins, 6)
	assert.Contains(t, info.Hosts, "acs2.redirect.test")
	assert.Contains(t, info.Hosts, "expired.issuer.test", "the hosts of faults have to be mapped too")
	assert.NotEmpty(t, info.Faults)
	assert.FileExists(t, info.CA)
	interrupt()
	assert.Equal(t, probe.ExitOK, <-ended)
	assert.NoFileExists(t, info.CA)
}
