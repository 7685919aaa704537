package main

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

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
	for _, args := range [][]string{{"serve", "--check"}, {"serve", "--listen", "127.0.0.1:0"}} {
		stdout, stderr, code := command(t, append(args, "--reports", "/proc")...)
		assert.Equal(t, probe.ExitUsage, code)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, "--reports: nothing can be kept in /proc: ")
	}
}
