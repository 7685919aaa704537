//go:build !js

package report_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/report"
)

// maxSpent bounds what it takes to refuse a text, in bytes of the heap: some times
// what a report may have.
const maxSpent = 64 << 20

func TestHostileReportsAreRefusedSoon(t *testing.T) {
	b, err := report.Encode(sample())
	require.NoError(t, err)
	good := string(b)
	with := func(key, value string) string {
		return strings.Replace(good, "{", fmt.Sprintf("{%q: %s,", key, value), 1)
	}
	swap := func(old, new string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, new, 1)
	}
	deep := strings.Repeat("[", 100_000)
	for name, test := range map[string]struct{ text, want string }{
		"ten megabytes":         {with("x", `"`+strings.Repeat("a", 10<<20)+`"`), "at most 1048576 are read"},
		"deep lists":            {deep, "more than 32 deep"},
		"deep objects":          {strings.Repeat(`{"a":`, 100_000), "more than 32 deep"},
		"deep lists that end":   {with("x", deep+strings.ReplaceAll(deep, "[", "]")), "more than 32 deep"},
		"depth behind a string": {with("x", `"\"[{"`) + deep, "more than 32 deep"},
		"a later schema":        {swap(`"schema": 1`, `"schema": 2`), "schema 2 is not supported"},
		"half a schema later":   {swap(`"schema": 1`, `"schema": 1.5`), "schema 1.5 is not supported"},
		"a schema in words":     {swap(`"schema": 1`, `"schema": "1"`), "schema: a number is needed"},
		"no schema":             {swap(`"schema": 1`, `"schema": null`), "schema: a number is needed"},
		"a number beyond all":   {swap(`"schema": 1`, `"schema": 1e400`), "cannot unmarshal number 1e400"},
		"no number":             {swap(`"schema": 1`, `"schema": NaN`), "invalid character 'N'"},
		"negative time":         {swap(`"total": 120`, `"total": -1`), "timing.total: a whole number of milliseconds is needed"},
		"a time beyond all":     {swap(`"total": 120`, `"total": 1e300`), "timing.total: a whole number of milliseconds is needed"},
		"an object as evidence": {swap(`"value": [
            "allow-scripts"
          ]`, `"value": {"pan": "4000000000002140"}`), "findings[0].evidence[0].value: no fact has such a value"},
		"a novel as evidence": {swap(`"expected": "allow-forms"`, `"expected": "`+strings.Repeat("a", 300)+`"`), "findings[0].evidence[0].expected: no fact has such a value"},
		"a half byte": {swap(`"network.online": {
      "from": "network",
      "value": true`, `"network.online": {
      "from": "network",
      "value": 0.5`), "cannot hold 0.5"},
		"a card number as a fact":      {swap(`"value": "embed"`, `"value": "4000 0000 0000 2140"`), "cannot hold 4000 0000 0000 2140"},
		"a control character in a key": {swap(`"total": 120`, `"\u001b[2J": "x"`), "a number is needed"},
		"a list of everything":         {"[" + strings.Repeat("{},", 300_000) + "{}]", "cannot unmarshal array"},
		"cut off":                      {good[:len(good)/2], "unexpected EOF"},
		"zeros":                        {strings.Repeat("\x00", 1<<20), "invalid character"},
	} {
		t.Run(name, func(t *testing.T) {
			before := allocated()
			_, err := report.Decode([]byte(test.text))
			assert.Less(t, allocated()-before, uint64(maxSpent), "bytes of memory")
			assert.ErrorContains(t, err, test.want)
		})
	}
}

// TestOfTwoEqualKeysTheLastCounts, as for JSON.parse in the page that shows what it
// sends: so both read the same report.
func TestOfTwoEqualKeysTheLastCounts(t *testing.T) {
	b, err := report.Encode(sample())
	require.NoError(t, err)
	first := `{"verdict": "clear", "findings": 7, "facts": {"network.online": {"from": "x", "value": false}}, "withheld": ["network"],`
	r, err := report.Decode([]byte(first + `"withheld": null,` + strings.TrimPrefix(string(b), "{")))
	require.NoError(t, err)
	assert.Equal(t, sample().Tree(), r.Tree())
}

// TestBytesThatAreNoTextAreReplaced: a report has none when it is kept.
func TestBytesThatAreNoTextAreReplaced(t *testing.T) {
	b, err := report.Encode(sample())
	require.NoError(t, err)
	r, err := report.Decode([]byte(strings.Replace(string(b), `"case": "4711"`, "\"case\": \"\xff\xfe\xc3(\"", 1)))
	require.NoError(t, err)
	assert.Equal(t, "\ufffd\ufffd\ufffd(", r.Case)
}

// TestNoOtherTypeGetsThrough puts a value of each type in the place of each of a
// report's: it is refused, or makes a report that is read as it was written.
func TestNoOtherTypeGetsThrough(t *testing.T) {
	whole := report.Without(sample(), report.PartTiming).Tree()
	places := 0
	spoil(whole, func(path string) {
		places++
		text, err := json.Marshal(whole)
		require.NoError(t, err)
		r, err := report.Decode(text)
		if err != nil {
			return
		}
		once, err := report.Encode(r)
		require.NoError(t, err, path)
		again, err := report.Decode(once)
		require.NoError(t, err, path)
		assert.Equal(t, r.Tree(), again.Tree(), path)
		_ = report.Replay(again)
		_ = report.Unjudged(again)
	})
	assert.Greater(t, places, 1000)
}

// spoil calls tried with each value within the tree replaced by others, one at a
// time. Of a list it takes the first two.
func spoil(v any, tried func(path string)) {
	others := []any{nil, true, -1.5, 1e300, "\x1b[31m<b>", []any{}, []any{map[string]any{}}, map[string]any{}, map[string]any{"a": []any{1.0}}}
	each := func(path string, was any, put func(any)) {
		for _, other := range others {
			put(other)
			tried(path)
		}
		put(was)
		spoil(was, func(rest string) { tried(path + "." + rest) })
	}
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			each(key, v[key], func(to any) { v[key] = to })
		}
	case []any:
		for i := range v[:min(2, len(v))] {
			each(fmt.Sprint(i), v[i], func(to any) { v[i] = to })
		}
	}
}

// TestBothWritingsAreRead: as it is kept, and as the page saves it.
func TestBothWritingsAreRead(t *testing.T) {
	for _, r := range []*report.Report{sample(), report.Without(sample(), report.PartNetwork, report.PartTiming)} {
		kept, err := report.Encode(r)
		require.NoError(t, err)
		saved, err := json.MarshalIndent(r.Tree(), "", "  ") // with < as \u003c, and no newline at the end
		require.NoError(t, err)
		for _, text := range [][]byte{kept, saved} {
			got, err := report.Decode(text)
			require.NoError(t, err)
			assert.Equal(t, r.Tree(), got.Tree())
		}
	}
}
