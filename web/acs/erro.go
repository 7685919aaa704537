package acs

import "fmt"

// Component names the party that found an error.
type Component string

// The components that find errors here.
const (
	ComponentServer Component = "S" // 3DS Server
	ComponentACS    Component = "A"
)

// ErrorCode is the errorCode of an Erro.
type ErrorCode string

// The error codes that are sent here (EMV 3-D Secure, table A.4).
const (
	CodeMessageInvalid    ErrorCode = "101"
	CodeVersion           ErrorCode = "102"
	CodeElementMissing    ErrorCode = "201"
	CodeCriticalExtension ErrorCode = "202"
	CodeFormatInvalid     ErrorCode = "203"
	CodeDuplicateElement  ErrorCode = "204"
	CodeUnknownID         ErrorCode = "301"
	CodeTimedOut          ErrorCode = "402"
	CodeTransientFailure  ErrorCode = "403"
)

// descriptions words the codes as the specification does.
var descriptions = map[ErrorCode]string{
	CodeMessageInvalid:    "Message Received Invalid",
	CodeVersion:           "Message Version Number Not Supported",
	CodeElementMissing:    "Required Data Element Missing",
	CodeCriticalExtension: "Critical Message Extension Not Recognised",
	CodeFormatInvalid:     "Format of one or more Data Elements is Invalid according to the Specification",
	CodeDuplicateElement:  "Duplicate Data Element",
	CodeUnknownID:         "Transaction ID Not Recognised",
	CodeTimedOut:          "Transaction Timed Out",
	CodeTransientFailure:  "Transient System Failure",
}

// Erro is the protocol's error message. It is the error that [Decode] returns,
// ready to be sent back.
type Erro struct {
	MessageType          string    `json:"messageType"`
	MessageVersion       string    `json:"messageVersion"`
	ThreeDSServerTransID string    `json:"threeDSServerTransID,omitempty"`
	ACSTransID           string    `json:"acsTransID,omitempty"`
	DSTransID            string    `json:"dsTransID,omitempty"`
	ErrorCode            ErrorCode `json:"errorCode"`
	ErrorComponent       Component `json:"errorComponent"`
	ErrorDescription     string    `json:"errorDescription"`
	ErrorDetail          string    `json:"errorDetail"` // names of the elements at fault, or what is wrong
	ErrorMessageType     string    `json:"errorMessageType,omitempty"`
}

func (e *Erro) Error() string {
	return fmt.Sprintf("erro %s of component %s on %s: %s: %s",
		e.ErrorCode, e.ErrorComponent, e.ErrorMessageType, e.ErrorDescription, e.ErrorDetail)
}

// newErro makes the Erro with which at rejects a message of the type. What
// identifies the transaction is taken from ids, as far as it is well formed.
func newErro(at Component, messageType string, code ErrorCode, detail string, ids elements) *Erro {
	e := &Erro{
		MessageType: "Erro", MessageVersion: newestVersion(),
		ErrorCode: code, ErrorComponent: at, ErrorDescription: descriptions[code],
		ErrorDetail: clip(detail, maxDetail), ErrorMessageType: messageType,
	}
	if v := ids.text("messageVersion"); knownVersion(v) {
		e.MessageVersion = v
	}
	e.ThreeDSServerTransID = ids.uuid("threeDSServerTransID")
	e.ACSTransID = ids.uuid("acsTransID")
	e.DSTransID = ids.uuid("dsTransID")
	return e
}

// maxDetail is the longest errorDetail that may be sent, in characters.
const maxDetail = 2048

func clip(s string, limit int) string {
	runes := []rune(s)
	return string(runes[:min(len(runes), limit)])
}

func newestVersion() string {
	v := Versions()
	return v[len(v)-1]
}
