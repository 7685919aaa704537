//go:build !js

package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHowDeepAReportMayBe(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		ok   bool
	}{
		"as deep as may be":           {strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth), true},
		"deeper":                      {strings.Repeat("[", maxDepth+1), false},
		"lists within objects":        {strings.Repeat(`{"a":[`, maxDepth/2+1), false},
		"many beside each other":      {"[" + strings.Repeat("[],{},", 1000) + "0]", true},
		"brackets in a string":        {`"` + strings.Repeat("[", 1000) + `"`, true},
		"behind an escaped quote":     {`"\"` + strings.Repeat("[", 1000) + `"`, true},
		"behind an escaped backslash": {`"\\"` + strings.Repeat("[", 1000), false},
		"after closing too many":      {strings.Repeat("]", 1000) + strings.Repeat("[", maxDepth), true},
	} {
		t.Run(name, func(t *testing.T) {
			err := checkDepth([]byte(test.text))
			if test.ok {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, "lists and objects are more than 32 deep")
		})
	}
}
