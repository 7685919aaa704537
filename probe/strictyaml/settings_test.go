package strictyaml

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// testSettings are what the tests' files can set.
var testSettings = map[string]bool{"listen": false, "helper": false, "drain": false, "geo-db": true}

func TestSettings(t *testing.T) {
	got, err := Settings("serve.yaml", []byte(`# a remark
listen: :8080
geo-db:
  - a.mmdb
  - b.mmdb
drain: 5s
helper: "https://helper.example"
`), testSettings)
	require.NoError(t, err)
	assert.Equal(t, []Setting{
		{"listen", []string{":8080"}, 2},
		{"geo-db", []string{"a.mmdb", "b.mmdb"}, 4},
		{"drain", []string{"5s"}, 6},
		{"helper", []string{"https://helper.example"}, 7},
	}, got)
}

func TestSettingsThatAreNone(t *testing.T) {
	for name, test := range map[string]struct{ source, want string }{
		"an unknown key":      {"listen: a\nlistten: b\n", "s.yaml:2: unknown key listten; did you mean listen?"},
		"a key twice":         {"listen: a\nlisten: b\n", "s.yaml:2: listen is given twice, first on line 1"},
		"a number":            {"listen: 8080\n", "s.yaml:1: listen: want a text, found the number 8080"},
		"nothing":             {"listen:\n", "s.yaml:1: listen: want a text, found nothing"},
		"an empty text":       {"listen: ''\n", "s.yaml:1: listen is empty"},
		"a list of a text":    {"listen: [a, b]\n", "s.yaml:1: listen: want a text, found a list"},
		"a text of a list":    {"geo-db: a\n", `s.yaml:1: geo-db: want a list, found the text "a"`},
		"a number in a list":  {"geo-db:\n- a\n- 1\n", "s.yaml:3: geo-db[1]: want a text, found the number 1"},
		"two mistakes":        {"a: b\ndrain: 1\n", "s.yaml:1: unknown key a; want drain, geo-db, helper or listen\ns.yaml:2: drain: want a text, found the number 1"},
		"no keys":             {"- listen\n", "s.yaml:1: the file: want keys and values, found a list"},
		"an empty file":       {"# nothing\n", "s.yaml:1: the file is empty"},
		"two documents":       {"listen: a\n---\nhelper: b\n", "s.yaml:3: a second document begins here; a file holds one document"},
		"an alias":            {"listen: &a x\nhelper: *a\n", "s.yaml:1: listen: want a text, found an anchor or alias, which is not read here\ns.yaml:2: helper: want a text, found an anchor or alias, which is not read here"},
		"what is no YAML":     {"listen: \"a\n", "s.yaml:1: this is not YAML: "},
		"a file without end":  {strings.Repeat("#", MaxBytes+1), "s.yaml:1: the file has 65537 bytes, at most 65536 are read"},
		"bytes that are none": {"listen: \xff\xfe\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Settings("s.yaml", []byte(test.source), testSettings)
			if test.want == "" {
				return // whatever it gives, it ends
			}
			require.Error(t, err)
			assert.True(t, strings.HasPrefix(err.Error(), test.want), err.Error())
		})
	}
}

func FuzzSettings(f *testing.F) {
	f.Add([]byte("listen: :8080\ngeo-db: [a, b]\n"))
	f.Add([]byte("listen: &a x\nhelper: *a\n"))
	f.Add([]byte("? [a]\n: {b: c}\n"))
	f.Fuzz(func(t *testing.T, source []byte) {
		settings, err := Settings("s.yaml", source, testSettings)
		if err != nil {
			assert.True(t, strings.HasPrefix(err.Error(), "s.yaml:"), err.Error())
			return
		}
		for _, s := range settings {
			list, known := testSettings[s.Key]
			assert.True(t, known, s.Key)
			assert.True(t, list || len(s.Values) == 1, s.Key)
			assert.Positive(t, s.Line)
		}
	})
}
