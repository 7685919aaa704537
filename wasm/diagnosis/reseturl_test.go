package diagnosis_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
)

func TestResetCacheURL(t *testing.T) {
	tests := map[string]struct{ raw, want string }{
		"a path":                              {"https://ads.tiktok.com/i18n/dashboard", "https://ads.tiktok.com/i18n/dashboard?reset_cache=1"},
		"a query":                             {"https://ads.tiktok.com/i18n/dashboard?aadvid=7", "https://ads.tiktok.com/i18n/dashboard?aadvid=7&reset_cache=1"},
		"a query and a fragment":              {"https://ads.tiktok.com/i18n/dashboard?aadvid=7#top", "https://ads.tiktok.com/i18n/dashboard?aadvid=7&reset_cache=1#top"},
		"a hash route with a query":           {"https://ads.tiktok.com/#/billing?x=1", "https://ads.tiktok.com/?reset_cache=1#/billing?x=1&reset_cache=1"},
		"a hash route":                        {"https://ads.tiktok.com/#/billing", "https://ads.tiktok.com/?reset_cache=1#/billing?reset_cache=1"},
		"a hash-bang route":                   {"https://ads.tiktok.com/#!/billing", "https://ads.tiktok.com/?reset_cache=1#!/billing?reset_cache=1"},
		"already there":                       {"https://ads.tiktok.com/d?reset_cache=1", "https://ads.tiktok.com/d?reset_cache=1"},
		"there with another value":            {"https://ads.tiktok.com/d?reset_cache=0", "https://ads.tiktok.com/d?reset_cache=1"},
		"there without a value, among others": {"https://ads.tiktok.com/d?a=1&reset_cache&b=2", "https://ads.tiktok.com/d?a=1&reset_cache=1&b=2"},
		"a name that only ends the same":      {"https://ads.tiktok.com/d?no_reset_cache=1", "https://ads.tiktok.com/d?no_reset_cache=1&reset_cache=1"},
		"an empty query":                      {"https://ads.tiktok.com/d?", "https://ads.tiktok.com/d?reset_cache=1"},
		"a query that ends in an ampersand":   {"https://ads.tiktok.com/d?a=1&", "https://ads.tiktok.com/d?a=1&reset_cache=1"},
		"no scheme":                           {"ads.tiktok.com/i18n/dashboard", "https://ads.tiktok.com/i18n/dashboard?reset_cache=1"},
		"no scheme, but a port":               {"ads.tiktok.com:8443/d", "https://ads.tiktok.com:8443/d?reset_cache=1"},
		"localhost with a port":               {"localhost:8080", "https://localhost:8080?reset_cache=1"},
		"no scheme, slashes":                  {"//ads.tiktok.com/d", "https://ads.tiktok.com/d?reset_cache=1"},
		"no scheme, a colon in the query":     {"ads.tiktok.com/d?t=10:30", "https://ads.tiktok.com/d?t=10:30&reset_cache=1"},
		"order and escapes kept":              {"https://ads.tiktok.com/d?z=%7e%2B+a&a=1&a=%C3%A5", "https://ads.tiktok.com/d?z=%7e%2B+a&a=1&a=%C3%A5&reset_cache=1"},
		"upper case kept":                     {"HTTPS://ADS.tiktok.com/D", "HTTPS://ADS.tiktok.com/D?reset_cache=1"},
		"plain http kept":                     {"http://ads.tiktok.com/d", "http://ads.tiktok.com/d?reset_cache=1"},
		"pasted with a line end":              {" https://ads.tiktok.com/d\n", "https://ads.tiktok.com/d?reset_cache=1"},
		"a Swedish host":                      {"https://annonsör.example/översikt?kund=å", "https://annonsör.example/översikt?kund=å&reset_cache=1"},
		"a Japanese host":                     {"広告.example/請求", "https://広告.example/請求?reset_cache=1"},
		"a punycode host":                     {"https://xn--annonsr-s4a.example/", "https://xn--annonsr-s4a.example/?reset_cache=1"},
		"an IPv6 host":                        {"https://[2001:db8::1]:8443/d", "https://[2001:db8::1]:8443/d?reset_cache=1"},
		"no path":                             {"https://ads.tiktok.com", "https://ads.tiktok.com?reset_cache=1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := diagnosis.ResetCacheURL(tt.raw)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestResetCacheURLRefuses(t *testing.T) {
	tests := map[string]struct{ raw, want string }{
		"nothing":                  {"", "the address is empty"},
		"only spaces":              {"  \n", "the address is empty"},
		"a script":                 {"javascript:alert(1)", "the scheme javascript: is not supported, only http and https are"},
		"a script like a port":     {"javascript:1", "the scheme javascript: is not supported, only http and https are"},
		"data":                     {"data:text/html,x", "the scheme data: is not supported, only http and https are"},
		"FTP":                      {"FTP://ads.tiktok.com/", "the scheme ftp: is not supported, only http and https are"},
		"a file":                   {"file:///etc/passwd", "the scheme file: is not supported, only http and https are"},
		"a user name and password": {"https://me:secret@ads.tiktok.com/", "the address has a user name in it"},
		"a user name, no scheme":   {"me@ads.tiktok.com", "the address has a user name in it"},
		"a space within":           {"https://ads.tiktok.com/my page", "the address has a space in it"},
		"a tab within":             {"https://ads.tik\ttok.com/", "the address has a space in it"},
		"no host":                  {"https:///d", "the address has no host"},
		"no slashes":               {"https:ads.tiktok.com", "the address has no host"},
		"only a query":             {"?a=1", "the address has no host"},
		"only dots":                {"https://../d", "the address has no host"},
		"a port that is a word":    {"https://ads.tiktok.com:http/", `the port "http" is not a number`},
		"markup for a host":        {"https://<b>/", `the host "<b>" has characters that no host has`},
		"an unclosed IPv6 host":    {"https://[2001:db8::1/d", "the address has no host"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := diagnosis.ResetCacheURL(tt.raw)
			assert.EqualError(t, err, "reset_cache link: "+tt.want)
			assert.Empty(t, got)
		})
	}
}

// FuzzResetCacheURL checks the promises against net/url: same host, same
// path, the old query in front, the parameter set, and no second change.
func FuzzResetCacheURL(f *testing.F) {
	for _, seed := range []string{
		"https://ads.tiktok.com/i18n/dashboard?aadvid=7#top", "ads.tiktok.com:443/#/b?x=1", "javascript:alert(1)",
		"https://annonsör.example/?reset_cache=0&a=%zz", "https://[::1]/", `https:\\x`, "a:b@c", "//", "?", "#/", "https://a?reset_cache",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := diagnosis.ResetCacheURL(raw)
		if err != nil {
			assert.Empty(t, got)
			return
		}
		assert.Regexp(t, `^(?i:https?)://`, got)
		assert.Contains(t, got, "reset_cache=1")
		again, err := diagnosis.ResetCacheURL(got)
		require.NoError(t, err)
		assert.Equal(t, got, again, "a second time must change nothing")

		before, errBefore := url.Parse(strings.TrimSpace(raw))
		after, errAfter := url.Parse(got)
		if errBefore != nil || errAfter != nil || before.Host == "" {
			return
		}
		assert.Nil(t, after.User)
		assert.Equal(t, before.Host, after.Host)
		assert.Equal(t, before.EscapedPath(), after.EscapedPath())
		if !strings.Contains(before.RawQuery, "reset_cache") {
			assert.True(t, strings.HasPrefix(after.RawQuery, before.RawQuery))
		}
	})
}
