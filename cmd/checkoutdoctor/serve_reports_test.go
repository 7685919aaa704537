package main

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
)

func TestOriginsAreTakenAsBrowsersSendThem(t *testing.T) {
	for origin, want := range map[string]string{
		"https://pay.example":        "https://pay.example",
		"http://localhost:8080":      "http://localhost:8080",
		"https://[2001:db8::1]:8443": "https://[2001:db8::1]:8443",
		"https://Pay.Example":        "https://pay.example",
		"HTTPS://pay.example":        "https://pay.example",
		"https://pay.example:443":    "https://pay.example",
		"http://pay.example:80":      "http://pay.example",
		"https://pay.example:80":     "https://pay.example:80",
		"https://pay.example:":       "https://pay.example",
		"https://pay.example/pay?a":  "https://pay.example",
		"https://a@pay.example":      "https://pay.example",
		"https://k\u00e4se.example":  "https://xn--kse-qla.example",
		"https://K\u00c4SE.example":  "https://xn--kse-qla.example",
		"https://pay_1.example":      "https://pay_1.example",
		"https://pay.example;x":      "",
		"https://pay.example,b":      "",
		"https://pay'.example":       "",
		"https://*.pay.example":      "",
		"https://pay.example:0443":   "",
		"pay.example":                "",
		"ftp://pay.example":          "",
		"https://":                   "",
		"null":                       "",
	} {
		assert.Equal(t, want, originOf(origin), origin)
		err := (&reportFlags{folder: "reports", origins: []string{origin}}).check()
		assert.Equal(t, want == origin, err == nil, origin)
		if want != "" && err != nil {
			assert.ErrorContains(t, err, "want "+want)
		}
	}
}

// TestServeDoesNotStartWhereNoReportCanBeKept, nor is that good by --check.
func TestServeDoesNotStartWhereNoReportCanBeKept(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("no other system has a folder in which not even root can make files")
	}
	for folder, want := range map[string]string{
		"/proc":     "--reports: nothing can be kept in /proc: ",
		"/proc/a/b": "--reports: ",
	} {
		for _, args := range [][]string{{"serve", "--check"}, {"serve", "--listen", "127.0.0.1:0"}} {
			stdout, stderr, code := command(t, append(args, "--reports", folder)...)
			assert.Equal(t, probe.ExitUsage, code)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, want)
		}
	}
}

// TestCheckTriesWhetherTheFolderCouldBeMade, as serve would make it, and leaves
// nothing.
func TestCheckTriesWhetherTheFolderCouldBeMade(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.NoError(t, os.Symlink(filepath.Join(dir, "nowhere"), link))
	for folder, good := range map[string]bool{
		filepath.Join(dir, "a"):      true,
		filepath.Join(dir, "a", "b"): true,
		file:                         false,
		filepath.Join(file, "a"):     false,
		link:                         false,
		filepath.Join(link, "a"):     false,
	} {
		o := reportFlags{folder: folder}
		_, err := o.open(false, false)
		assert.Equal(t, good, err == nil, "%s: %v", folder, err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	hidden, err := filepath.Glob(filepath.Join(dir, ".*"))
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{file, link}, append(left, hidden...))
}
