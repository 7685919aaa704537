package link

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Keys for tests, made once by NewKey.
const (
	newKey   = "checkout-doctor-link-key-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
	oldKey   = "checkout-doctor-link-key-1:IB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE"
	otherKey = "checkout-doctor-link-key-1:__________________________________________8"
)

var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

func keysOf(t testing.TB, lines ...string) Keys {
	t.Helper()
	k, err := ParseKeys(strings.Join(lines, "\n"))
	require.NoError(t, err)
	return k
}

func hostsOf(t testing.TB, names ...string) Hosts {
	t.Helper()
	h, err := ParseHosts(names)
	require.NoError(t, err)
	return h
}

func signer(t testing.TB) Signer {
	return Signer{Base: "https://doctor.example", Keys: keysOf(t, newKey, oldKey), Hosts: hostsOf(t, "ads.example", ".example.co.uk")}
}

func verifier(t testing.TB) Verifier {
	s := signer(t)
	return Verifier{Keys: s.Keys, Hosts: s.Hosts}
}

// full is a link with everything in it.
func full() Link {
	return Link{
		Case: "T 47/11 å", Language: "pt-BR", Only: []string{"popup", "anti-fraud"}, AdsManagerURL: "https://ads.example/i18n/?aadvid=7&x=a+b#/pay",
		From: noon, Until: noon.Add(72 * time.Hour),
	}
}

func short() Link {
	return Link{Case: "4711", Language: "sv", From: noon, Until: noon.Add(72 * time.Hour)}
}

// queryOf returns the query of the signed link.
func queryOf(t testing.TB, s Signer, l Link) string {
	t.Helper()
	signed, err := s.Sign(l)
	require.NoError(t, err)
	_, query, _ := strings.Cut(signed, "?")
	return query
}

// reasonOf returns why a link is refused, and empty for a good one.
func reasonOf(t testing.TB, err error) Reason {
	t.Helper()
	if err == nil {
		return ""
	}
	refused, ok := errors.AsType[*Error](err)
	require.True(t, ok, "%v", err)
	return refused.Reason
}

func TestTheFormOfALink(t *testing.T) {
	for name, test := range map[string]struct {
		link Link
		want string
	}{
		"short": {short(), "https://doctor.example/?case=4711&lang=sv&from=1795348800&until=1795608000&sig=1.u2f8.hupim3om0mtq8okifqpi6koiis"},
		"full": {full(), "https://doctor.example/?case=T%2047%2F11%20%C3%A5&lang=pt-BR&only=popup.anti-fraud" +
			"&ads-manager-url=https%3A%2F%2Fads.example%2Fi18n%2F%3Faadvid%3D7%26x%3Da%2Bb%23%2Fpay&from=1795348800&until=1795608000&sig=1.u2f8.shojuos5rm5mlsa8rtkqcchue8"},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				signed, err := signer(t).Sign(test.link)
				require.NoError(t, err)
				assert.Equal(t, test.want, signed, "links that were sent must stay good")
			}
			_, query, _ := strings.Cut(test.want, "?")
			said, err := verifier(t).Verify(query, noon)
			require.NoError(t, err)
			assert.Equal(t, test.link, said)
		})
	}
}

func TestALinkIsShort(t *testing.T) {
	signed, err := signer(t).Sign(short())
	require.NoError(t, err)
	assert.LessOrEqual(t, len(signed), 120)
}

func TestTheSameMomentInAnotherPlaceGivesTheSameLink(t *testing.T) {
	here := short()
	there := short()
	there.From = there.From.In(time.FixedZone("", 3*3600)).Add(999 * time.Millisecond)
	there.Until = there.Until.Add(time.Nanosecond)
	assert.Equal(t, queryOf(t, signer(t), here), queryOf(t, signer(t), there))
}

func TestTheBaseOfALink(t *testing.T) {
	for base, want := range map[string]string{
		"https://doctor.example":         "https://doctor.example/?case=",
		"https://doctor.example/":        "https://doctor.example/?case=",
		"https://support.example/doctor": "https://support.example/doctor/?case=",
		"http://localhost:8080":          "http://localhost:8080/?case=",
		"http://127.0.0.1:8080":          "http://127.0.0.1:8080/?case=",
		"http://[::1]:8080":              "http://[::1]:8080/?case=",
	} {
		s := signer(t)
		s.Base = base
		signed, err := s.Sign(short())
		require.NoError(t, err, base)
		assert.True(t, strings.HasPrefix(signed, want), signed)
	}
	for base, want := range map[string]string{
		"":                                    "is no address that a link can have",
		"doctor.example":                      "is no address that a link can have",
		"javascript:alert(1)":                 "is no address that a link can have",
		"https://a:b@doctor.example":          "is no address that a link can have",
		"https://doctor.example?x=1":          "is no address that a link can have",
		"https://doctor.example/#x":           "is no address that a link can have",
		"https://doctor.example/a b":          "is no address that a link can have",
		"http://doctor.example":               "must be https",
		"http://127.0.0.1.doctor.example":     "must be https",
		"https://" + strings.Repeat("a", 200): "longer than 200 bytes",
	} {
		s := signer(t)
		s.Base = base
		_, err := s.Sign(short())
		assert.ErrorContains(t, err, want, base)
	}
}

func TestLinksThatAreNotAsTheyWereMade(t *testing.T) {
	good := queryOf(t, signer(t), full())
	replace := func(old, new string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, new, 1)
	}
	foreign := signer(t)
	foreign.Keys = keysOf(t, otherKey)
	for name, test := range map[string]struct {
		query string
		want  Reason
		param string
	}{
		"as it was made": {good, "", ""},

		"no link":                       {"", NoLink, ""},
		"a language without a link":     {"lang=sv", NoLink, ""},
		"what others add, without one":  {"utm_source=mail&lang=sv", NoLink, ""},
		"typed without a seal":          {"case=4711&lang=sv", Truncated, ""},
		"cut after the case":            {good[:strings.Index(good, "&lang")], Truncated, ""},
		"cut within an escape":          {good[:strings.Index(good, "%")+2], Truncated, ""},
		"cut before the seal":           {good[:strings.Index(good, "&sig")], Truncated, ""},
		"cut within the seal":           {good[:len(good)-1], Truncated, ""},
		"a seal and nothing else":       {good[strings.Index(good, "sig="):], Altered, ""},
		"made with a foreign key":       {queryOf(t, foreign, full()), ForeignKey, ""},
		"another key's id":              {replace("sig=1."+signer(t).Keys.IDs()[0], "sig=1."+signer(t).Keys.IDs()[1]), Altered, ""},
		"sealed by a newer version":     {replace("sig=1.", "sig=2."), NewerVersion, ""},
		"a seal of no version":          {replace("sig=1.", "sig=x."), Altered, ""},
		"a seal that is no seal":        {replace("sig=1.", "sig=0123456789012345678901234567890123456789"), Altered, ""},
		"another case":                  {replace("case=T", "case=U"), Altered, ""},
		"another language":              {replace("lang=pt-BR", "lang=pt-PT"), Altered, ""},
		"other checks":                  {replace("popup.anti", "popup.bait.anti"), Altered, ""},
		"another host":                  {replace("ads.example", "bad.example"), Altered, ""},
		"more time":                     {replace("until=1795608000", "until=1995608000"), Altered, ""},
		"an earlier beginning":          {replace("from=1795348800", "from=1795348801"), Altered, ""},
		"no time that is one":           {replace("from=1795348800", "from=soon"), Altered, ""},
		"without a language":            {replace("&lang=pt-BR", ""), Altered, ""},
		"without a beginning":           {replace("&from=1795348800", ""), Altered, ""},
		"an empty language":             {replace("lang=pt-BR", "lang="), Altered, ""},
		"a parameter of a mail program": {good + "&utm_source=mail", Added, ""},
		"a parameter in front":          {"x=1&" + good, Added, ""},
		"ampersands as HTML has them":   {strings.ReplaceAll(good, "&", "&amp;"), Truncated, ""},
		"an empty piece":                {good + "&", Added, ""},
		"a case twice":                  {replace("&lang", "&case=T%2047%2F11%20%C3%A5&lang"), Doubled, "case"},
		"another case after the seal":   {good + "&case=1", Doubled, "case"},
		"two seals":                     {good + good[strings.Index(good, "&sig="):], Doubled, "sig"},
		"a language before the case":    {"lang=pt-BR&" + replace("&lang=pt-BR", ""), Reordered, "case"},
		"the seal in front":             {good[strings.Index(good, "sig="):] + "&" + good[:strings.Index(good, "&sig=")], Reordered, "case"},
		"a space as a plus":             {replace("%20", "+"), Recoded, "case"},
		"a space as it is":              {replace("%20", " "), Recoded, "case"},
		"escapes in lower case":         {replace("%C3%A5", "%c3%a5"), Recoded, "case"},
		"letters as they are":           {replace("%C3%A5", "å"), Recoded, "case"},
		"a digit escaped":               {replace("until=1", "until=%31"), Recoded, "until"},
		"a slash as it is":              {replace("https%3A%2F%2F", "https://"), Recoded, "ads-manager-url"},
		"escaped twice":                 {replace("%2F", "%252F"), Altered, ""},
		"an escape that is none":        {replace("%20", "%z0"), Recoded, "case"},
		"letters of another case":       {strings.ToUpper(good), NoLink, ""},
		"longer than links are":         {good + strings.Repeat("x", 2000), TooLong, ""},
	} {
		t.Run(name, func(t *testing.T) {
			said, err := verifier(t).Verify(test.query, noon)
			assert.Equal(t, test.want, reasonOf(t, err), "%v", err)
			if err == nil {
				return
			}
			assert.Empty(t, said)
			assert.Equal(t, test.param, err.(*Error).Param)
		})
	}
}

func TestEveryPartOfALinkIsTruncated(t *testing.T) {
	for _, l := range []Link{short(), full()} {
		good := queryOf(t, signer(t), l)
		for end := len("case"); end < len(good); end++ {
			_, err := verifier(t).Verify(good[:end], noon)
			assert.Equal(t, Truncated, reasonOf(t, err), good[:end])
		}
	}
}

// TestEveryByteOfALinkCounts changes each byte of a link into each other.
func TestEveryByteOfALinkCounts(t *testing.T) {
	good := []byte(queryOf(t, signer(t), full()))
	v := verifier(t)
	for i := range good {
		was := good[i]
		for b := range 256 {
			if good[i] = byte(b); good[i] == was {
				continue
			}
			if _, err := v.Verify(string(good), noon); err == nil {
				assert.Fail(t, "it is taken for good", "%q", good)
			}
		}
		good[i] = was
	}
}

func TestTheTimeOfALink(t *testing.T) {
	for name, test := range map[string]struct {
		now  time.Time
		want Reason
	}{
		"at once":                      {noon, ""},
		"a clock that is slow":         {noon.Add(-Skew), ""},
		"a clock that is too slow":     {noon.Add(-Skew - 1), NotYetValid},
		"at the end":                   {noon.Add(72 * time.Hour), ""},
		"a clock that is fast":         {noon.Add(72*time.Hour + Skew), ""},
		"a second after what is borne": {noon.Add(72*time.Hour + Skew + time.Second), Expired},
		"years later":                  {noon.AddDate(9, 0, 0), Expired},
	} {
		t.Run(name, func(t *testing.T) {
			said, err := verifier(t).Verify(queryOf(t, signer(t), short()), test.now)
			assert.Equal(t, test.want, reasonOf(t, err))
			assert.Equal(t, err == nil, said.Case != "", "nothing is told of a link that is not good now")
		})
	}
}

func TestAKeyIsChangedWithoutALinkBecomingBad(t *testing.T) {
	before := signer(t)
	before.Keys = keysOf(t, oldKey)
	query := queryOf(t, before, short())
	for name, test := range map[string]struct {
		keys []string
		want Reason
	}{
		"before":                     {[]string{oldKey}, ""},
		"the new one in front of it": {[]string{newKey, oldKey}, ""},
		"the old one taken out":      {[]string{newKey}, ForeignKey},
		"no key":                     {nil, ForeignKey},
	} {
		t.Run(name, func(t *testing.T) {
			var v Verifier
			if test.keys != nil {
				v.Keys = keysOf(t, test.keys...)
			}
			_, err := v.Verify(query, noon)
			assert.Equal(t, test.want, reasonOf(t, err))
		})
	}
}

func TestCharactersThatCannotBeSeen(t *testing.T) {
	invisible := []rune{
		'\u00ad', '\u034f', '\u061c', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u180b', '\u180e', '\u200b', '\u200d', '\u202e', '\u2060', '\u2065',
		'\u2066', '\u2800', '\u3164', '\ufe00', '\ufe0f', '\ufeff', '\uffa0', '\U000e0001', '\U000e0041', '\U000e0100', '\U000e01ef',
		'\n', '\x1b', '\u009b', '\u00a0', '\u2028', '\u3000', '\ue000', '\uffff',
	}
	for _, r := range invisible {
		assert.ErrorContains(t, CheckCase("47"+string(r)+"11"), "is not printable", "%U", r)
	}
	for _, number := range []string{"4711", "Fall 4711/å", "ケース 4711", "حالة ٤٧١١", "मामला ४७११", "⠗4711", "🧾 4711"} {
		assert.NoError(t, CheckCase(number), number)
	}
}

func TestWhatALinkMayNotSay(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Link)
		param  string // empty: it may
		want   string
	}{
		"all as it should be": {func(*Link) {}, "", ""},
		"64 characters":       {func(l *Link) { l.Case = strings.Repeat("å", 64) }, "", ""},
		"any language":        {func(l *Link) { l.Language = "" }, "", ""},
		"all checks":          {func(l *Link) { l.Only = nil }, "", ""},
		"the shortest time":   {func(l *Link) { l.Until = l.From.Add(MinTTL) }, "", ""},
		"the longest time":    {func(l *Link) { l.Until = l.From.Add(MaxTTL) }, "", ""},

		"no case":                {func(l *Link) { l.Case = "" }, "case", "it is empty"},
		"65 characters":          {func(l *Link) { l.Case = strings.Repeat("1", 65) }, "case", "it has 65 characters, 64 is the most"},
		"a line's end":           {func(l *Link) { l.Case = "4711\r\nSet-Cookie: a=b" }, "case", "U+000D is not printable"},
		"an escape sequence":     {func(l *Link) { l.Case = "\x1b[2J" }, "case", "U+001B is not printable"},
		"a mark of direction":    {func(l *Link) { l.Case = "47\u202e11" }, "case", "U+202E is not printable"},
		"a space of no width":    {func(l *Link) { l.Case = "47\u200b11" }, "case", "U+200B is not printable"},
		"a space at its end":     {func(l *Link) { l.Case = "4711 " }, "case", "it has a space at an end"},
		"bytes that are no text": {func(l *Link) { l.Case = "\xff" }, "case", "it is not UTF-8"},

		"a language that is none":   {func(l *Link) { l.Language = "svenska!" }, "lang", "it is no language of BCP 47, such as sv or pt-BR"},
		"a language that is a path": {func(l *Link) { l.Language = "../../x" }, "lang", "it is no language of BCP 47, such as sv or pt-BR"},
		"a locale of POSIX":         {func(l *Link) { l.Language = "pt_BR" }, "lang", "it is no language of BCP 47, such as sv or pt-BR"},
		"a language undetermined":   {func(l *Link) { l.Language = "und" }, "lang", "it names no language"},
		"a language too long":       {func(l *Link) { l.Language = "sv-x-" + strings.Repeat("abcdefgh-", 4) + "a" }, "lang", "it is no language of BCP 47, such as sv or pt-BR"},

		"a check that is none":  {func(l *Link) { l.Only = []string{"popup.bait"} }, "only", `"popup.bait" is no name of a check`},
		"an empty check":        {func(l *Link) { l.Only = []string{""} }, "only", `"" is no name of a check`},
		"a check of 33 letters": {func(l *Link) { l.Only = []string{strings.Repeat("a", 33)} }, "only", `"` + strings.Repeat("a", 33) + `" is no name of a check`},
		"a check twice":         {func(l *Link) { l.Only = []string{"popup", "bait", "popup"} }, "only", "popup is named twice"},
		"more checks than many": {func(l *Link) { l.Only = slices.Repeat([]string{"popup"}, 33) }, "only", "it has 33 names, 32 is the most"},

		"a host that is not allowed": {func(l *Link) { l.AdsManagerURL = "https://evil.example/" }, "ads-manager-url", "evil.example is not among the allowed hosts"},

		"before time was counted":     {func(l *Link) { l.From = time.Unix(-1, 0); l.Until = l.From.Add(time.Hour) }, "from", "it is not within the years 1970 to 9999"},
		"after time is counted":       {func(l *Link) { l.From = latest.Add(time.Second); l.Until = l.From.Add(time.Hour) }, "from", "it is not within the years 1970 to 9999"},
		"less than the shortest":      {func(l *Link) { l.Until = l.From.Add(MinTTL - time.Second) }, "until", "a link is good for 10 minutes at least and 30 days at most"},
		"an end before its beginning": {func(l *Link) { l.Until = l.From.Add(-time.Hour) }, "until", "a link is good for 10 minutes at least and 30 days at most"},
		"for ever":                    {func(l *Link) { l.Until = latest }, "until", "a link is good for 10 minutes at least and 30 days at most"},
	} {
		t.Run(name, func(t *testing.T) {
			l := full()
			test.change(&l)
			_, err := signer(t).Sign(l)
			if test.param == "" {
				assert.NoError(t, err)
				return
			}
			refused, ok := errors.AsType[*Error](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, Unacceptable, refused.Reason)
			assert.Equal(t, test.param, refused.Param)
			assert.EqualError(t, refused.Unwrap(), test.want)
			assert.EqualError(t, err, "link: unacceptable: "+test.param+": "+test.want)
		})
	}
}

func TestALinkThatWouldBeTooLongIsNotMade(t *testing.T) {
	l := full()
	l.Case = strings.Repeat("🂡", 64)
	l.AdsManagerURL = "https://ads.example/" + strings.Repeat("%", maxURL-20)
	_, err := signer(t).Sign(l)
	assert.Equal(t, TooLong, reasonOf(t, err))
}

// TestTheServerKeepsItsOwnList has a link whose maker allowed another host.
func TestTheServerKeepsItsOwnList(t *testing.T) {
	query := queryOf(t, signer(t), full())
	v := verifier(t)
	v.Hosts = hostsOf(t, "ads2.example")
	said, err := v.Verify(query, noon)
	assert.EqualError(t, err, "link: unacceptable: ads-manager-url: ads.example is not among the allowed hosts")
	assert.Empty(t, said)
}

// TestSealedByOurselvesInAnotherForm has what a version with other parameters
// could have sealed with the same key.
func TestSealedByOurselvesInAnotherForm(t *testing.T) {
	v := verifier(t)
	for name, query := range map[string]string{
		"nothing":                "",
		"no parameters":          "&&&",
		"one that there is not":  "case=1&colour=red&from=1795348800&until=1795608000",
		"no time":                "case=1&from=soon&until=1795608000",
		"too much time":          "case=1&from=1795348800&until=99999999999999999999",
		"a time with a sign":     "case=1&from=%2B1795348800&until=1795608000",
		"no end":                 "case=1&from=1795348800",
		"an escape that is none": "case=%zz&from=1795348800&until=1795608000",
		"two cases":              "case=1&case=2&from=1795348800&until=1795608000",
		"no name":                "=1",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := v.Verify(query+sealStart+v.Keys.list[0].seal(query), noon)
			assert.Equal(t, Unacceptable, reasonOf(t, err))
		})
	}
}

// TestRefusalsHoldNothingOfTheQuery holds what lets them be logged.
func TestRefusalsHoldNothingOfTheQuery(t *testing.T) {
	const secret = "s3cret"
	for _, query := range []string{
		secret + "=1", "case=" + secret, "case=1&" + secret + "=1&sig=1", "case=%" + secret + "&sig=1", "case=1&sig=" + secret, "case=1&sig=" + secret + "&sig=1",
	} {
		_, err := verifier(t).Verify(query, noon)
		assert.NotContains(t, err.Error(), secret)
	}
}

func FuzzVerify(f *testing.F) {
	v := verifier(f)
	s := signer(f)
	for _, l := range []Link{short(), full()} {
		f.Add(queryOf(f, s, l), int64(0))
	}
	f.Add("case=4711&lang=sv", int64(1))
	f.Add("lang=sv&case=1&case=2&x=%zz&sig=2.k3qp.", int64(-1))
	f.Fuzz(func(t *testing.T, query string, later int64) {
		l, err := v.Verify(query, noon.Add(time.Duration(later)))
		if err != nil {
			require.NotEmpty(t, reasonOf(t, err))
			require.Empty(t, l, "%v", err)
			return
		}
		require.Equal(t, query, queryOf(t, s, l), "there is one form of a link")
	})
}

// FuzzParse goes past the seal, which no fuzzing gets over.
func FuzzParse(f *testing.F) {
	for _, l := range []Link{short(), full()} {
		f.Add(l.query())
	}
	f.Add("only=a..b&from=-1&until=0")
	hosts := hostsOf(f, "ads.example", ".example.co.uk")
	f.Fuzz(func(t *testing.T, query string) {
		l, err := parse(query)
		if err != nil {
			return
		}
		require.Equal(t, query, l.query())
		if l.check(hosts) != nil || l.AdsManagerURL == "" {
			return
		}
		u, err := url.Parse(strings.ReplaceAll(l.AdsManagerURL, "%", "%25"))
		require.NoError(t, err)
		require.True(t, hosts.allows(strings.ToLower(u.Host)), l.AdsManagerURL)
		require.Equal(t, "https", u.Scheme)
	})
}

// FuzzSign holds that whatever is made is good, and says what was put in.
func FuzzSign(f *testing.F) {
	f.Add("T 47/11 å", "pt-BR", "popup,anti-fraud", "https://ads.example/?a=b#c", int64(1795348800), int64(3600))
	f.Add("4711", "", "", "", int64(0), int64(600))
	f.Fuzz(func(t *testing.T, number, lang, only, address string, from, seconds int64) {
		l := Link{Case: number, Language: lang, AdsManagerURL: address, From: time.Unix(from, 0).UTC()}
		l.Until = l.From.Add(time.Duration(seconds) * time.Second)
		if only != "" {
			l.Only = strings.Split(only, ",")
		}
		signed, err := signer(t).Sign(l)
		if err != nil {
			require.NotEmpty(t, reasonOf(t, err))
			return
		}
		u, err := url.Parse(signed)
		require.NoError(t, err)
		require.Equal(t, "doctor.example", u.Host)
		require.Equal(t, number, u.Query().Get("case"), "other readers read the same")
		require.Equal(t, address, u.Query().Get("ads-manager-url"))
		said, err := verifier(t).Verify(u.RawQuery, l.From)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(l), fmt.Sprint(said))
	})
}
