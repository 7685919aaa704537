package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/web/link"
)

// settingsFile writes a file of settings, which messages call FILE.
func settingsFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "serve.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// checked runs serve --check and returns what it says of each setting.
func checked(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return command(t, append([]string{"serve", "--check"}, args...)...)
}

func TestSettingsGoBeforeOneAnother(t *testing.T) {
	file := settingsFile(t, "listen: :1\nhelper: https://file.example\ndrain: 3s\ntrusted-proxy: [10.0.0.1, 10.0.0.2]\naddress-header: Forwarded\n")
	t.Setenv("CHECKOUTDOCTOR_CONFIG", file)
	t.Setenv("CHECKOUTDOCTOR_LISTEN", ":2")
	t.Setenv("CHECKOUTDOCTOR_HELPER", "https://environment.example")
	t.Setenv("CHECKOUTDOCTOR_TRUSTED_PROXY", "127.0.0.1, 127.0.0.2")
	t.Setenv("CHECKOUTDOCTOR_LOG_LEVEL", "")
	stdout, stderr, code := checked(t, "--listen", ":3")
	require.Equal(t, probe.ExitOK, code, stderr)
	said := strings.Join(strings.Fields(stdout), " ")
	for _, want := range []string{
		"the diagnostic http://:3",
		"--listen :3 from the command line",
		"--helper https://environment.example from CHECKOUTDOCTOR_HELPER",
		"--trusted-proxy 127.0.0.1,127.0.0.2 from CHECKOUTDOCTOR_TRUSTED_PROXY",
		"--drain 3s from " + file + ":3",
		"--address-header Forwarded from " + file + ":5",
		"--config " + file + " from CHECKOUTDOCTOR_CONFIG",
	} {
		assert.Contains(t, said, want)
	}
	assert.NotContains(t, said, "--log-level", "it is as it is by default")
}

func TestSettingsThatAreWrongSayWhereTheyAreFrom(t *testing.T) {
	for name, test := range map[string]struct {
		file        string // empty for none
		environment map[string]string
		args        []string
		want        string // FILE stands for the file's name
	}{
		"an unknown key":             {"lissten: :1\n", nil, nil, "FILE:1: unknown key lissten; did you mean listen?"},
		"a key that is none":         {"check: yes\n", nil, nil, "FILE:1: unknown key check"},
		"a file within a file":       {"config: x\n", nil, nil, "FILE:1: unknown key config"},
		"a value of the file":        {"# a remark\nhelper: helper.example\n", nil, nil, `--helper: "helper.example" is no origin as browsers send it; want one such as https://helper.example (--helper is from FILE:2)`},
		"a value of the environment": {"", map[string]string{"CHECKOUTDOCTOR_HELPER": "x"}, nil, `--helper: "x" is no origin as browsers send it; want one such as https://helper.example (--helper is from CHECKOUTDOCTOR_HELPER)`},
		"a value of the command":     {"helper: x\n", nil, []string{"--helper", "http://a"}, "--helper: it must be https, the cookies by which it checks are Secure\n"},
		"no duration in the file":    {"drain: soon\n", nil, nil, `--drain: "soon" is no duration; want one such as 5s (it is from FILE:1)`},
		"no duration in a variable":  {"", map[string]string{"CHECKOUTDOCTOR_DRAIN": "5"}, nil, `--drain: "5" is no duration; want one such as 5s (it is from CHECKOUTDOCTOR_DRAIN)`},
		"two that need each other":   {"tls-cert: a.pem\n", nil, nil, "--tls-cert and --tls-key need each other (--tls-cert is from FILE:1)"},
		"no such file":               {"", map[string]string{"CHECKOUTDOCTOR_CONFIG": "none.yaml"}, nil, "--config: open none.yaml: no such file or directory (--config is from CHECKOUTDOCTOR_CONFIG)"},
		"no address":                 {"ops-listen: 9090\n", nil, nil, "FILE:1: ops-listen: want a text, found the number 9090"},
		"an address without a port":  {"ops-listen: localhost\n", nil, nil, `--ops-listen: "localhost" is no address and port, such as 127.0.0.1:8080 or :443 (--ops-listen is from FILE:1)`},
		"no level":                   {"log-level: loud\n", nil, nil, `--log-level: "loud" is none; want debug, info, warn or error (--log-level is from FILE:1)`},
		"no form":                    {"log-format: xml\n", nil, nil, `--log-format: "xml" is none; want text or json (--log-format is from FILE:1)`},
		"a drain without end":        {"drain: 1h\n", nil, nil, "--drain: 1h0m0s is out of range; want 0s to 10m0s (--drain is from FILE:1)"},
		"origins and no reports":     {"report-origin: [https://pay.example]\n", nil, nil, "--report-origin needs --reports, the folder in which reports are kept (--report-origin is from FILE:1)"},
		"an origin with a path":      {"reports: r\nreport-origin: [https://pay.example/]\n", nil, nil, `--report-origin: "https://pay.example/" is no origin as browsers send it; want https://pay.example (--report-origin is from FILE:2)`},
		"no certificate":             {"tls-cert: none.pem\ntls-key: none.pem\n", nil, nil, "--tls-cert: open none.pem: no such file or directory (--tls-cert is from FILE:1)"},
		"no file of keys":            {"", map[string]string{"CHECKOUTDOCTOR_KEY_FILE": "none.key"}, nil, "--key-file: open none.key: no such file or directory (--key-file is from CHECKOUTDOCTOR_KEY_"},
		"keys of links":              {"", map[string]string{linkKeysVariable: "x"}, nil, linkKeysVariable + ": line 1: it is no key"},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range test.environment {
				t.Setenv(variable, value)
			}
			args, file := test.args, ""
			if test.file != "" {
				file = settingsFile(t, test.file)
				args = append(args, "--config", file)
			}
			stdout, stderr, code := checked(t, args...)
			assert.Equal(t, probe.ExitUsage, code)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, strings.ReplaceAll(test.want, "FILE", file))
		})
	}
}

// TestCheckShowsNoSecret and makes nothing.
func TestCheckShowsNoSecret(t *testing.T) {
	t.Setenv(linkKeysVariable, testKey)
	t.Setenv("CHECKOUTDOCTOR_LISTN", ":1")
	folder := filepath.Join(t.TempDir(), "reports")
	stdout, stderr, code := checked(t, "--reports", folder, "--ops-listen", "127.0.0.1:9090")
	require.Equal(t, probe.ExitOK, code, stderr)
	secret := testKey[strings.LastIndex(testKey, ":")+1:]
	assert.NotContains(t, stdout+stderr, secret)
	said := strings.Join(strings.Fields(stdout), " ")
	for _, want := range []string{
		"links signed with u2f8", "reports kept in " + folder, "operations http://127.0.0.1:9090: /healthz, /readyz, /metrics",
		"CHECKOUTDOCTOR_LISTN is set and means nothing; did you mean CHECKOUTDOCTOR_LISTEN?",
	} {
		assert.Contains(t, said, want)
	}
	assert.NoDirExists(t, folder)
}

// TestKeysGoBeforeOneAnother as all settings do, though a variable has the keys
// themselves and the others a file of them.
func TestKeysGoBeforeOneAnother(t *testing.T) {
	otherKey := strings.Replace(testKey, "AAEC", "BBEC", 1)
	ids, err := link.ParseKeys(otherKey)
	require.NoError(t, err)
	keys := keyFile(t, otherKey)
	settings := settingsFile(t, "# keys\nkey-file: "+keys+"\n")
	for name, test := range map[string]struct {
		keys, file string // variables; empty for none
		args       []string
		want       []string // FILE stands for that of settings, =KEYS for that of keys, OTHER for its key
	}{
		"the file alone": {"", "", []string{"--config", settings},
			[]string{"signed with OTHER, by --key-file =KEYS", "--key-file =KEYS from FILE:2"}},
		"the environment before the file": {testKey, "", []string{"--config", settings},
			[]string{"signed with u2f8, by CHECKOUTDOCTOR_LINK_KEYS", "warning: key-file of FILE:2 is passed over: CHECKOUTDOCTOR_LINK_KEYS goes before it"}},
		"the command line before the environment": {testKey, "", []string{"--key-file", keys},
			[]string{"signed with OTHER, by --key-file =KEYS", "warning: CHECKOUTDOCTOR_LINK_KEYS is passed over: --key-file from the command line goes before it"}},
		"no file's name on the command line": {testKey, "", []string{"--key-file="},
			[]string{"signed with u2f8, by CHECKOUTDOCTOR_LINK_KEYS"}},
		"the command line before all": {testKey, "", []string{"--key-file", keys, "--config", settingsFile(t, "key-file: another.key\n")},
			[]string{"signed with OTHER, by --key-file =KEYS", "warning: CHECKOUTDOCTOR_LINK_KEYS is passed over: --key-file from the command line goes before it"}},
		"a file of the environment before its keys": {testKey, keys, nil,
			[]string{"signed with OTHER, by --key-file =KEYS", "warning: CHECKOUTDOCTOR_LINK_KEYS is passed over: --key-file from CHECKOUTDOCTOR_KEY_FILE goes before it"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(linkKeysVariable, test.keys)
			t.Setenv("CHECKOUTDOCTOR_KEY_FILE", test.file)
			stdout, stderr, code := checked(t, test.args...)
			require.Equal(t, probe.ExitOK, code, stderr)
			said := strings.Join(strings.Fields(stdout), " ")
			for _, want := range test.want {
				assert.Contains(t, said, strings.NewReplacer("FILE:", settings+":", "=KEYS", keys, "OTHER", ids.IDs()[0]).Replace(want))
			}
			warned := len(test.want) > 1 && strings.HasPrefix(test.want[1], "warning")
			assert.Equal(t, warned, strings.Contains(said, "passed over"))
			assert.LessOrEqual(t, strings.Count(said, "passed over"), 1)
		})
	}
}

func TestKeysInTheWrongPlaceAreNotPrinted(t *testing.T) {
	secret := testKey[strings.LastIndex(testKey, ":")+1:]
	list := settingsFile(t, "allowed-host: ["+testKey+"]\nkey-file: "+keyFile(t, testKey)+"\n")
	for name, args := range map[string][]string{
		"for its file":             {"serve", "--check", "--key-file", testKey},
		"for its file in settings": {"serve", "--check", "--config", settingsFile(t, "key-file: "+testKey+"\n")},
		"as the settings":          {"serve", "--check", "--config", keyFile(t, testKey)},
		"as the settings' name":    {"serve", "--check", "--config", testKey},
		"as a key of the settings": {"serve", "--check", "--config", settingsFile(t, testKey+": yes\n")},
		"as a host":                {"serve", "--check", "--config", list},
		"as an address":            {"serve", "--check", "--listen", testKey},
		"as a duration":            {"serve", "--check", "--drain", testKey},
		"as an argument":           {"serve", testKey},
		"for the file of a link":   linkArgs("--key-file", testKey),
		"as a command":             {testKey},
	} {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, code := command(t, args...)
			assert.Equal(t, probe.ExitUsage, code)
			assert.Contains(t, stderr, "checkout-doctor-link-key-1:…")
			assert.NotContains(t, stdout+stderr, secret[:4])
		})
	}
}

func TestServeWarnsOfAKeyThatOthersCanRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it has no such rights")
	}
	t.Setenv(linkKeysVariable, "")
	file := keyFile(t, testKey)
	keys := &linkKeyFlags{file: file}
	assert.False(t, keys.readByOthers())
	assert.False(t, new(linkKeyFlags).readByOthers())
	for _, mode := range []os.FileMode{0o640, 0o604} {
		require.NoError(t, os.Chmod(file, mode))
		assert.True(t, keys.readByOthers())
	}
	stdout, stderr, code := checked(t, "--key-file", file)
	require.Equal(t, probe.ExitOK, code, stderr)
	assert.Contains(t, stdout, "warning: others than its owner can read the file of --key-file")
	t.Setenv("CREDENTIALS_DIRECTORY", filepath.Dir(file))
	assert.False(t, keys.readByOthers(), "nobody else enters the folder")
}

// TestVariablesThatMeanNothingAreToldOf with what may have been meant, where that is
// near.
func TestVariablesThatMeanNothingAreToldOf(t *testing.T) {
	c := serveCommand()
	c.InitDefaultHelpFlag()
	set := &settings{flags: c.Flags()}
	for name, want := range map[string]string{
		"CHECKOUTDOCTOR_FOO":       "",
		"CHECKOUTDOCTOR_CHECK":     "",
		"CHECKOUTDOCTOR_HELP":      "; did you mean CHECKOUTDOCTOR_HELPER?",
		"CHECKOUTDOCTOR_CONFG":     "; did you mean CHECKOUTDOCTOR_CONFIG?",
		"CHECKOUTDOCTOR_LISTN":     "; did you mean CHECKOUTDOCTOR_LISTEN?",
		"CHECKOUTDOCTOR_LINK_KEY":  "; did you mean CHECKOUTDOCTOR_LINK_KEYS?",
		"CHECKOUTDOCTOR_ELSEWHERE": "",
	} {
		assert.Equal(t, []string{name}, set.unusedVariables([]string{"PATH=/bin", name + "=x", "CHECKOUTDOCTOR_CONFIG=y"}))
		assert.Equal(t, want, meant(name, set), name)
	}
}

func TestFlagsAreToldApartByTheirWholeNames(t *testing.T) {
	assert.True(t, names("--helper: it is none", "helper"))
	assert.False(t, names("--helper-listen needs it", "helper"))
	assert.True(t, names("--helper-listen needs --helper, the origin", "helper"))
	assert.False(t, names("the helper", "helper"))
}
