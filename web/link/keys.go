package link

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Prefixes of what a key's HMAC is taken over. No other use of a key may begin
// with them, so that no seal can be had from elsewhere.
const (
	sealDomain  = "checkout-doctor link 1\n"
	keyIDDomain = "checkout-doctor link-key-id 1\n"
)

// sealStart begins the seal, which is version, key's id and code, parted by dots.
const (
	sealStart   = "&" + paramSeal + "="
	sealVersion = 1
	keyIDLength = 4  // characters of 5 bits
	codeBytes   = 16 // of the HMAC
	sealLength  = 1 + 1 + keyIDLength + 1 + (codeBytes*8+4)/5
)

// plainText writes bytes as digits and lower-case letters.
var plainText = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// keyPrefix begins every key's line, so that one is known for what it is.
const keyPrefix = "checkout-doctor-link-key-1:"

// maxKeys is how many keys there can be at a time: one, and the one before it
// until its links have expired.
const maxKeys = 2

const keyBytes = 32

// Keys signs with its first key, and verifies with each. The zero value has none.
type Keys struct{ list []key }

type key struct {
	secret [keyBytes]byte
	id     string
}

// keysInText are keys as they may stand in a text, whole or cut.
var keysInText = regexp.MustCompile(regexp.QuoteMeta(keyPrefix) + `[0-9A-Za-z_+/=-]*`)

// WithoutKeys returns the text without the secrets of the keys in it: for what is said
// of input, where a key may stand that was meant for another place.
func WithoutKeys(text string) string { return keysInText.ReplaceAllString(text, keyPrefix+"…") }

// NewKey returns a new key, in the form that ParseKeys reads.
func NewKey() string {
	var secret [keyBytes]byte
	rand.Read(secret[:]) // never fails
	return keyPrefix + base64.RawURLEncoding.EncodeToString(secret[:])
}

// ParseKeys reads one key or two, parted by white space; the rest of a line after
// # is passed over. The first signs, both verify: a new key is put before the old
// one, which is taken out when the last of its links has expired. Errors hold
// nothing of a key.
func ParseKeys(text string) (Keys, error) {
	var k Keys
	line := 0
	for content := range strings.Lines(text) {
		line++
		content, _, _ = strings.Cut(content, "#")
		for word := range strings.FieldsSeq(content) {
			one, err := parseKey(word)
			if err != nil {
				return Keys{}, fmt.Errorf("line %d: %w", line, err)
			}
			k.list = append(k.list, one)
		}
	}
	return k, k.check()
}

func parseKey(word string) (key, error) {
	encoded, ok := strings.CutPrefix(word, keyPrefix)
	secret, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if !ok || err != nil || len(secret) != keyBytes {
		return key{}, errors.New("it is no key; want one as `checkoutdoctor link --new-key` makes it")
	}
	k := key{secret: [keyBytes]byte(secret)}
	k.id = plainText.EncodeToString(k.sum(keyIDDomain))[:keyIDLength]
	return k, nil
}

func (k Keys) check() error {
	switch {
	case len(k.list) == 0:
		return errors.New("there is no key")
	case len(k.list) > maxKeys:
		return fmt.Errorf("there are %d keys; %d is the most: one that signs, and the one before it", len(k.list), maxKeys)
	case len(k.list) == maxKeys && k.list[0].id == k.list[1].id:
		return fmt.Errorf("both keys have the id %s: they are the same, or one must be made anew", k.list[0].id)
	}
	return nil
}

// IDs returns the keys' ids, that of the one which signs first. They are in the
// links, and say nothing of the keys.
func (k Keys) IDs() []string {
	ids := make([]string, len(k.list))
	for i, one := range k.list {
		ids[i] = one.id
	}
	return ids
}

// String returns the ids, so that no key is printed by mistake.
func (k Keys) String() string { return fmt.Sprintf("link keys %v", k.IDs()) }

// GoString is String, for %#v.
func (k Keys) GoString() string { return k.String() }

// sum returns the HMAC of the parts one after another.
func (k key) sum(parts ...string) []byte {
	mac := hmac.New(sha256.New, k.secret[:])
	for _, part := range parts {
		mac.Write([]byte(part)) // never fails
	}
	return mac.Sum(nil)
}

// seal returns the seal of the query before it.
func (k key) seal(query string) string {
	code := k.sum(sealDomain, k.id, "\n", query)[:codeBytes]
	return strconv.Itoa(sealVersion) + "." + k.id + "." + plainText.EncodeToString(code)
}

// unseal returns the query before its seal, if the seal is that of one of the
// keys.
func (k Keys) unseal(rawQuery string) (query string, ok bool) {
	query, seal, _ := strings.Cut(rawQuery, sealStart)
	for _, one := range k.list {
		ok = hmac.Equal([]byte(seal), []byte(one.seal(query))) || ok
	}
	return query, ok
}

// whyNotSeal says what is wrong with the seal of a query that has a link's form.
func (k Keys) whyNotSeal(seal string) Reason {
	version, rest, _ := strings.Cut(seal, ".")
	id, _, _ := strings.Cut(rest, ".")
	switch {
	case isNewer(version):
		return NewerVersion
	case len(seal) < sealLength:
		return Truncated
	case len(seal) == sealLength && !k.has(id):
		return ForeignKey
	}
	return Altered
}

func isNewer(version string) bool {
	n, err := strconv.Atoi(version)
	return err == nil && n > sealVersion
}

func (k Keys) has(id string) bool {
	for _, one := range k.list {
		if one.id == id {
			return true
		}
	}
	return false
}
