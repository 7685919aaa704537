package acs

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// Wrap returns message as the browser carries it: JSON in base64url without
// padding (EMV 3-D Secure, "Base64url encoding without padding").
func Wrap(message any) (string, error) {
	body, err := json.Marshal(message)
	if err != nil {
		return "", fmt.Errorf("wrapping a message: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(body), nil
}

// WrapPadded returns message as a sender does that pads: against the
// specification, but seen in the field. There is always padding to be seen:
// white space at the end of JSON means nothing.
func WrapPadded(message any) (string, error) {
	body, err := json.Marshal(message)
	if err != nil {
		return "", fmt.Errorf("wrapping a message: %w", err)
	}
	if len(body)%3 == 0 {
		body = append(body, '\n')
	}
	return base64.URLEncoding.EncodeToString(body), nil
}

// Unwrap decodes base64url with or without its padding, as every receiver has
// to: implementations in the field send both. Anything else is an error.
func Unwrap(field string) ([]byte, error) {
	unpadded := strings.TrimRight(field, "=")
	if padding := len(field) - len(unpadded); padding > 0 && (padding > 2 || len(field)%4 != 0) {
		return nil, fmt.Errorf("decoding base64url: %d padding characters after %d others", padding, len(unpadded))
	}
	// encoding/base64 would skip line breaks within.
	if strings.ContainsAny(unpadded, "\r\n") {
		return nil, fmt.Errorf("decoding base64url: line break")
	}
	body, err := base64.RawURLEncoding.DecodeString(unpadded)
	if err != nil {
		return nil, fmt.Errorf("decoding base64url: %w", err)
	}
	return body, nil
}
