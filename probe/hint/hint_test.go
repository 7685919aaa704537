package hint_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/probe/hint"
)

func TestDidYouMean(t *testing.T) {
	for word, want := range map[string]string{
		"profil": "; did you mean profile?", "tag": "; did you mean tags?", "zzz": "", "PROFILE": "", "": "",
	} {
		assert.Equal(t, want, hint.DidYouMean(word, []string{"profile", "tags", "timeout"}), word)
	}
}

func TestKnown(t *testing.T) {
	few, many := []string{"a", "bbbbbb", "cccccc"}, strings.Fields("one two three four five six seven")
	for name, test := range map[string]struct {
		word  string
		known []string
		want  string
	}{
		"one is near":             {"bbbbb", few, "; did you mean bbbbbb?"},
		"none of a few is near":   {"xxxxxx", few, "; want a, bbbbbb or cccccc"},
		"none of many is near":    {"xxxxxx", many, ""},
		"there is but one choice": {"xxxxxx", []string{"a"}, "; want a"},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, hint.Known(test.word, test.known)) })
	}
}

func TestShorten(t *testing.T) {
	assert.Equal(t, strings.Repeat("ä", 60), hint.Shorten(strings.Repeat("ä", 60)))
	assert.Equal(t, strings.Repeat("ä", 60)+"…", hint.Shorten(strings.Repeat("ä", 61)))
}
