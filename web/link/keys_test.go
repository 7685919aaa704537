package link

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKeysThatCannotBeUsed(t *testing.T) {
	secret := strings.TrimPrefix(newKey, keyPrefix)
	const noKey = ": it is no key; want one as `checkoutdoctor link --new-key` makes it"
	for name, test := range map[string]struct {
		text string
		want string // empty: they can
	}{
		"one":                       {newKey, ""},
		"the new and the old":       {newKey + "\n" + oldKey + "\n", ""},
		"in a variable":             {newKey + " " + oldKey, ""},
		"with remarks":              {"# made in November\r\n\r\n" + newKey + " # signs\r\n", ""},
		"nothing":                   {"", "there is no key"},
		"remarks alone":             {"# " + newKey, "there is no key"},
		"three":                     {newKey + " " + oldKey + " " + otherKey, "there are 3 keys; 2 is the most: one that signs, and the one before it"},
		"the same twice":            {newKey + " " + newKey, "both keys have the id " + idOf(t, newKey) + ": they are the same, or one must be made anew"},
		"without what begins a key": {"\n" + secret, "line 2" + noKey},
		"a certificate":             {"-----BEGIN PRIVATE KEY-----", "line 1" + noKey},
		"a key that was cut":        {newKey[:len(newKey)-1], "line 1" + noKey},
		"a key with more to it":     {newKey + "AAAA", "line 1" + noKey},
		"a key with another end":    {newKey[:len(newKey)-1] + "9", "line 1" + noKey},
		"no letters of base64":      {newKey[:len(newKey)-1] + "!", "line 1" + noKey},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseKeys(test.text)
			if test.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, test.want)
			assert.NotContains(t, err.Error(), secret)
		})
	}
}

func TestTextsWithoutKeys(t *testing.T) {
	for text, want := range map[string]string{
		"open " + newKey + ": no such file": "open " + keyPrefix + "…: no such file",
		`found "` + newKey[:50] + `…"`:      `found "` + keyPrefix + `……"`,
		oldKey + " " + newKey:               keyPrefix + "… " + keyPrefix + "…",
		"open link.key: no such file":       "open link.key: no such file",
	} {
		assert.Equal(t, want, WithoutKeys(text))
	}
}

func idOf(t *testing.T, line string) string {
	t.Helper()
	return keysOf(t, line).IDs()[0]
}

func TestNewKeys(t *testing.T) {
	seen := make(map[string]bool)
	for range 100 {
		line := NewKey()
		require.False(t, seen[line])
		seen[line] = true
		assert.Len(t, idOf(t, line), keyIDLength)
	}
}

func TestTheFirstKeySigns(t *testing.T) {
	assert.Contains(t, queryOf(t, signer(t), short()), "&sig=1."+idOf(t, newKey)+".")
	assert.Equal(t, []string{idOf(t, newKey), idOf(t, oldKey)}, signer(t).Keys.IDs())
}

func TestThereIsNoLinkWithoutAKey(t *testing.T) {
	s := signer(t)
	s.Keys = Keys{}
	_, err := s.Sign(short())
	assert.EqualError(t, err, "there is no key to sign with")
}

func TestKeysAreNotPrinted(t *testing.T) {
	v := verifier(t)
	want := fmt.Sprintf("link keys [%s %s]", idOf(t, newKey), idOf(t, oldKey))
	for _, verb := range []string{"%v", "%+v", "%s", "%#v"} {
		assert.Equal(t, want, fmt.Sprintf(verb, v.Keys))
		assert.Contains(t, fmt.Sprintf(verb, v), want)
	}
}

func FuzzParseKeys(f *testing.F) {
	f.Add(newKey + "\n" + oldKey)
	f.Add("# x\n" + newKey + "#")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := ParseKeys(text)
		if err != nil {
			return
		}
		require.NotEmpty(t, k.IDs())
		require.LessOrEqual(t, len(k.IDs()), maxKeys)
	})
}
