package link

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHostsThatCannotBeAllowed(t *testing.T) {
	none := func(entry string) string {
		return `"` + entry + `" is no name of a host; want one such as ads.example, or .example.com for all of a domain's`
	}
	for name, test := range map[string]struct{ entry, want string }{
		"a host":                {"ads.example.com", ""},
		"in capitals":           {"ADS.Example.com", ""},
		"a domain":              {".example.com", ""},
		"a domain of three":     {".example.co.uk", ""},
		"letters beyond ASCII":  {".bücher.example", ""},
		"nothing":               {"", none("")},
		"a dot":                 {".", none(".")},
		"a star":                {"*.example.com", none("*.example.com")},
		"a URL":                 {"https://ads.example", none("https://ads.example")},
		"a port":                {"ads.example:8443", none("ads.example:8443")},
		"an address":            {"192.0.2.1", none("192.0.2.1")},
		"an address of IPv6":    {"[2001:db8::1]", none("[2001:db8::1]")},
		"a number":              {"ads.0x7f", none("ads.0x7f")},
		"two dots":              {"..example.com", none("..example.com")},
		"a dot at the end":      {"ads.example.", none("ads.example.")},
		"a whole top level":     {".com", `".com" would allow hosts of everybody: it is a public suffix`},
		"a suffix of two":       {".co.uk", `".co.uk" would allow hosts of everybody: it is a public suffix`},
		"a suffix of a company": {".github.io", `".github.io" would allow hosts of everybody: it is a public suffix`},
		"below a domain":        {".ads.example.com", `".ads.example.com" is no registrable domain; want .example.com, or hosts by their names`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseHosts([]string{"a.example", test.entry})
			if test.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, test.want)
		})
	}
}

func TestWhereAURLMayLead(t *testing.T) {
	const noHost = "want the name of a host after https://, without user and port"
	const letters = "it has a space, a backslash or a letter beyond ASCII; want it as the address bar copies it"
	other := func(host string) string { return host + " is not among the allowed hosts" }
	for url, want := range map[string]string{
		"https://ads.example":                                     "",
		"https://ads.example/":                                    "",
		"https://ADS.example/":                                    "",
		"https://ads.example/a?b=c&d#e":                           "",
		"https://ads.example?b=//evil.example":                    "",
		"https://ads.example#@evil.example":                       "",
		"https://example.co.uk/":                                  "",
		"https://a.b.example.co.uk/":                              "",
		"https://bücher.example.co.uk/":                           letters,
		"https://xn--bcher-kva.example.co.uk/":                    "",
		"https://evil.example/":                                   other("evil.example"),
		"https://sub.ads.example/":                                other("sub.ads.example"),
		"https://evilads.example/":                                other("evilads.example"),
		"https://ads.example.evil.example/":                       other("ads.example.evil.example"),
		"https://evilexample.co.uk/":                              other("evilexample.co.uk"),
		"https://co.uk/":                                          other("co.uk"),
		"https://example.co.uk.evil.example/":                     other("example.co.uk.evil.example"),
		"http://ads.example/":                                     "it must begin with https://",
		"HTTPS://ads.example/":                                    "it must begin with https://",
		"//ads.example/":                                          "it must begin with https://",
		"javascript:alert(1)":                                     "it must begin with https://",
		"data:text/html,x":                                        "it must begin with https://",
		"https:ads.example":                                       "it must begin with https://",
		"https:///evil.example":                                   noHost,
		"https://":                                                noHost,
		"https://ads.example@evil.example/":                       noHost,
		"https://user:word@ads.example/":                          noHost,
		"https://ads.example:8443/":                               noHost,
		"https://ads.example./":                                   noHost,
		"https://.example.co.uk/":                                 noHost,
		"https://%61ds.example/":                                  noHost,
		"https://127.0.0.1/":                                      noHost,
		"https://0x7f000001/":                                     noHost,
		"https://-a.example.co.uk/":                               noHost,
		"https://a-.example.co.uk/":                               noHost,
		"https://" + strings.Repeat("a", 63) + ".example.co.uk/":  "",
		"https://" + strings.Repeat("a", 64) + ".example.co.uk/":  noHost,
		"https://" + strings.Repeat("a.", 120) + "example.co.uk/": "",
		"https://" + strings.Repeat("a.", 121) + "example.co.uk/": noHost,
		"https://[::1]/":                                          noHost,
		"https://evil.example\\@ads.example/":                     letters,
		"https://ads.example\\.evil.example/":                     letters,
		"https://ads.example\t.evil.example/":                     letters,
		"https://ads.example/\nx":                                 letters,
		"https://ads.example/ x":                                  letters,
		"https://ads.example。evil.example/":                       letters,
		"https://ads.exampleⅰ/":                                   letters,
		" https://ads.example/":                                   "it must begin with https://",
		"https://ads.example/" + strings.Repeat("a", 493):         "it is longer than 512 bytes",
	} {
		t.Run(url, func(t *testing.T) {
			err := hostsOf(t, "ads.example", ".example.co.uk").check(url)
			if want == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, want)
		})
	}
}

func TestNoListAllowsNothing(t *testing.T) {
	assert.Error(t, Hosts{}.check("https://ads.example/"))
}
