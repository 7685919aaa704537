package acs

import (
	"encoding/json"
	"errors"
	"fmt"
)

// DecodeMethodData reads the field threeDSMethodData of a 3DS Method request.
func DecodeMethodData(field string) (MethodData, error) {
	var d MethodData
	if err := decodeMethodField(field, &d); err != nil {
		return MethodData{}, err
	}
	switch {
	case !isUUID(d.ThreeDSServerTransID):
		return MethodData{}, errors.New("reading threeDSMethodData: threeDSServerTransID is no UUID")
	case len(d.NotificationURL) > maxNotificationURL || !isAddress(d.NotificationURL):
		return MethodData{}, errors.New("reading threeDSMethodData: threeDSMethodNotificationURL is no HTTPS URL of at most 256 characters")
	}
	return d, nil
}

// DecodeMethodDone reads the field threeDSMethodData of a 3DS Method notification.
func DecodeMethodDone(field string) (MethodDone, error) {
	var d MethodDone
	if err := decodeMethodField(field, &d); err != nil {
		return MethodDone{}, err
	}
	if !isUUID(d.ThreeDSServerTransID) {
		return MethodDone{}, errors.New("reading threeDSMethodData: threeDSServerTransID is no UUID")
	}
	return d, nil
}

// maxNotificationURL is the longest notification URL, in characters.
const maxNotificationURL = 256

func decodeMethodField(field string, into any) error {
	body, err := Unwrap(field)
	if err != nil {
		return fmt.Errorf("reading threeDSMethodData: %w", err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("reading threeDSMethodData: %w", err)
	}
	return nil
}
