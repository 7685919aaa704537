package main

import (
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/probe"
)

// TestServersOfOneAddressAreRefused before one of them listens, and by --check, too.
func TestServersOfOneAddressAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		one, two string
		same     bool
	}{
		"the same":                {"127.0.0.1:8080", "127.0.0.1:8080", true},
		"by a name":               {"localhost:8080", "127.0.0.1:8080", true},
		"by the port's name":      {"127.0.0.1:80", "127.0.0.1:http", true},
		"every address":           {":8080", ":8080", true},
		"every address and one":   {":8080", "127.0.0.1:8080", true},
		"one and every address":   {"127.0.0.1:8080", "[::]:8080", true},
		"all of IPv4 and one":     {"0.0.0.0:8080", "127.0.0.1:8080", true},
		"all of IPv4 and of IPv6": {"0.0.0.0:8080", "[::1]:8080", false},
		"another port":            {"127.0.0.1:8080", "127.0.0.1:8081", false},
		"another address":         {"127.0.0.1:8080", "127.0.0.2:8080", false},
		"any free port":           {"127.0.0.1:0", "127.0.0.1:0", false},
	} {
		t.Run(name, func(t *testing.T) {
			one, two := listenAddress{"--listen", test.one}, listenAddress{"--ops-listen", test.two}
			assert.Equal(t, test.same, one.meets(two))
			assert.Equal(t, test.same, two.meets(one))
		})
	}
	for _, args := range [][]string{
		{"--listen", "127.0.0.1:8080", "--ops-listen", ":8080"},
		{"--listen", "127.0.0.1:8080", "--ops-listen", ":8080", "--check"},
	} {
		stdout, stderr, code := command(t, append([]string{"serve"}, args...)...)
		assert.Equal(t, probe.ExitUsage, code)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, `--listen and --ops-listen: "127.0.0.1:8080" and ":8080" are the same port`)
	}
	helper := &serveOptions{listen: ":80", helperListen: ":80", helper: "https://helper.example"}
	assert.ErrorContains(t, helper.checkAddresses(), "--listen and --helper-listen: ")
}

func TestWhatCannotBeListenedOnNamesItsFlag(t *testing.T) {
	failed := func(err error) error {
		return &net.OpError{Op: "listen", Net: "tcp", Err: os.NewSyscallError("bind", err)}
	}
	o := &serveOptions{listen: ":443", opsListen: ":9090"}
	assert.ErrorContains(t, o.listenError(":443", failed(syscall.EACCES)), "--listen: listen tcp: bind: permission denied: ports below 1024 may need a privilege")
	assert.ErrorContains(t, o.listenError(":9090", failed(syscall.EADDRINUSE)), "--ops-listen: listen tcp: bind: address already in use: end the program")
	other := o.listenError(":443", fs.ErrInvalid)
	assert.EqualError(t, other, "--listen: invalid argument")
	assert.True(t, errors.Is(other, fs.ErrInvalid))
}

// TestTheHelperIsNamedAsBrowsersNameIt since its requests are known by their Host
// header, and pages are allowed what they ask of it by its origin.
func TestTheHelperIsNamedAsBrowsersNameIt(t *testing.T) {
	for helper, want := range map[string]string{
		"https://helper.example":        "",
		"https://helper.example:8443":   "",
		"https://xn--kse-qla.example":   "",
		"https://HELPER.example":        "want https://helper.example",
		"https://helper.example:443":    "want https://helper.example",
		"https://helper.example/":       "want https://helper.example",
		"https://k\u00e4se.example":     "want https://xn--kse-qla.example",
		"https://helper.example;x":      "want one such as https://helper.example",
		"https://helper.example 'none'": "want one such as https://helper.example",
		"http://helper.example":         "it must be https",
	} {
		err := (&serveOptions{helper: helper}).checkHelper()
		if want == "" {
			assert.NoError(t, err, helper)
			continue
		}
		assert.ErrorContains(t, err, want, helper)
	}
	address := serving(t, 1, "--listen", "127.0.0.1:0", "--helper", "https://xn--kse-qla.example:8443")[0]
	assert.Equal(t, http.StatusOK, get(t, address, "xn--kse-qla.example:8443", "/helper/echo?nonce=1"))
	assert.Equal(t, http.StatusNotFound, get(t, address, "xn--kse-qla.example", "/helper/echo?nonce=1"))
}
