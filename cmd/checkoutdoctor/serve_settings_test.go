package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
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
		"a value of the file":        {"# a remark\nhelper: helper.example\n", nil, nil, `--helper: "helper.example" is no origin; want one such as https://helper.example (--helper is from FILE:2)`},
		"a value of the environment": {"", map[string]string{"CHECKOUTDOCTOR_HELPER": "x"}, nil, `--helper: "x" is no origin; want one such as https://helper.example (--helper is from CHECKOUTDOCTOR_HELPER)`},
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

func TestFlagsAreToldApartByTheirWholeNames(t *testing.T) {
	assert.True(t, names("--helper: it is none", "helper"))
	assert.False(t, names("--helper-listen needs it", "helper"))
	assert.True(t, names("--helper-listen needs --helper, the origin", "helper"))
	assert.False(t, names("the helper", "helper"))
}
