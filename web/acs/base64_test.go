package acs

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUnwrap(t *testing.T) {
	tests := []struct {
		symptom, field, want string
		fails                bool
	}{
		{"nothing", "", "", false},
		{"unpadded", "e30", "{}", false},
		{"padded", "e30=", "{}", false},
		{"padded by two", "YQ==", "a", false},
		{"letters of base64url", "_-__", "\xff\xef\xff", false},
		{"letters of plain base64", "/+//", "", true},
		{"too much padding", "e30==", "", true},
		{"padding alone", "====", "", true},
		{"padding within", "e3=0", "", true},
		{"line break", "e3\n0", "", true},
		{"space from an unescaped plus", "e3 0", "", true},
		{"one letter", "e", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.symptom, func(t *testing.T) {
			got, err := Unwrap(tt.field)
			if tt.fails {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, string(got))
		})
	}
}

func TestMethodData(t *testing.T) {
	good := MethodData{serverID, "https://tds.gateway.test/3ds/method/notify"}
	tests := []struct {
		symptom string
		data    any
		err     string
	}{
		{"healthy", good, ""},
		{"no id", MethodData{"", good.NotificationURL}, "threeDSServerTransID is no UUID"},
		{"no URL", MethodData{serverID, ""}, "no HTTPS URL"},
		{"script URL", MethodData{serverID, "javascript:alert(1)"}, "no HTTPS URL"},
		{"URL with a password", MethodData{serverID, "https://a:b@tds.gateway.test/"}, "no HTTPS URL"},
		{"URL too long", MethodData{serverID, "https://tds.gateway.test/" + strings.Repeat("x", 256)}, "no HTTPS URL"},
		{"a list", []string{}, "reading threeDSMethodData"},
	}
	for _, tt := range tests {
		t.Run(tt.symptom, func(t *testing.T) {
			field, err := Wrap(tt.data)
			require.NoError(t, err)
			got, err := DecodeMethodData(field)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.data, got)
		})
	}
}

func TestMethodDone(t *testing.T) {
	field, err := Wrap(MethodDone{serverID})
	require.NoError(t, err)
	done, err := DecodeMethodDone(field)
	require.NoError(t, err)
	assert.Equal(t, serverID, done.ThreeDSServerTransID)
	_, err = DecodeMethodDone("e30")
	assert.ErrorContains(t, err, "no UUID")
}

func FuzzUnwrap(f *testing.F) {
	for _, seed := range []string{"", "e30", "e30=", "YQ==", "=", "a\n", "_-__"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, field string) {
		body, err := Unwrap(field)
		if err != nil {
			return
		}
		unpadded := strings.TrimRight(field, "=")
		again, err := Unwrap(unpadded)
		require.NoError(t, err)
		assert.Equal(t, body, again, "padding makes no difference")
	})
}

func FuzzDecodeMethodData(f *testing.F) {
	field, err := Wrap(MethodData{serverID, "https://tds.gateway.test/3ds/method/notify"})
	require.NoError(f, err)
	f.Add(field)
	f.Add("e30")
	f.Fuzz(func(t *testing.T, field string) {
		data, err := DecodeMethodData(field)
		if err != nil {
			return
		}
		assert.True(t, isUUID(data.ThreeDSServerTransID))
		assert.NotContains(t, originOf(data.NotificationURL), ";")
	})
}

func TestPaddingIsAlwaysToBeSeen(t *testing.T) {
	for _, message := range []any{"", "a", "ab", "abc", validCRes()} {
		field, err := WrapPadded(message)
		require.NoError(t, err)
		assert.Regexp(t, "[^=]={1,2}$", field)
		body, err := Unwrap(field)
		require.NoError(t, err)
		want, err := json.Marshal(message)
		require.NoError(t, err)
		assert.JSONEq(t, string(want), string(body))
	}
}
