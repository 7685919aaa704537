package acs

import (
	"crypto/rand"
	"fmt"
	"slices"
)

// Versions lists the message versions spoken here, oldest first.
func Versions() []string { return []string{"2.1.0", "2.2.0", "2.3.1"} }

// TransStatus is the outcome of an authentication, or of one step of it.
type TransStatus string

// The values of transStatus (EMV 3-D Secure, table A.1). D and I came with 2.2.0.
const (
	StatusAuthenticated TransStatus = "Y" // authenticated without, or after, a challenge
	StatusDenied        TransStatus = "N" // not authenticated
	StatusUnavailable   TransStatus = "U" // authentication could not be performed
	StatusAttempted     TransStatus = "A" // attempt recorded, proof is provided
	StatusChallenge     TransStatus = "C" // a challenge is required
	StatusRejected      TransStatus = "R" // the issuer asks not to authorise
	StatusDecoupled     TransStatus = "D" // authentication goes on outside the browser
	StatusInformational TransStatus = "I" // information only, no challenge wanted
)

// The statuses that each message may carry, as letters.
const (
	statusesSince220 = "DI"
	statusesWithWhy  = "NUR" // transStatusReason is required
	statusesOfRReq   = "YNUAR"
	statusesOfCRes   = "YN"
	statusesOfARes21 = "YNUACR"
)

// The reasons of transStatusReason that are sent here.
const (
	ReasonAuthenticationFailed = "01" // card authentication failed
	ReasonUnsupportedDevice    = "03" // unsupported device
	ReasonFrequencyLimit       = "04" // exceeds authentication frequency limit
	ReasonExpiredCard          = "05" // expired card
	ReasonInvalidNumber        = "06" // invalid card number
	ReasonNoCardRecord         = "08" // no card record
	ReasonSuspectedFraud       = "11" // suspected fraud
	ReasonNotPermitted         = "12" // transaction not permitted to cardholder
	ReasonACSTimeOut           = "14" // transaction timed out at the ACS
	ReasonACSTechnicalIssue    = "22" // ACS technical issue
)

// The values of challengeCancel that are sent here.
const (
	CancelByUser      = "01" // the cardholder chose to cancel
	CancelACSTimeOut  = "04" // the cardholder did not answer in time
	CancelNoFirstCReq = "05" // the first CReq did not come in time
)

// AReq asks the issuer to authenticate a payment made in a browser. It goes
// from the 3DS Server to the ACS; the lab has no directory server between.
type AReq struct {
	MessageType                      string `json:"messageType"`
	MessageVersion                   string `json:"messageVersion"`
	ThreeDSServerTransID             string `json:"threeDSServerTransID"`
	ThreeDSServerRefNumber           string `json:"threeDSServerRefNumber"`
	ThreeDSServerOperatorID          string `json:"threeDSServerOperatorID,omitempty"`
	ThreeDSServerURL                 string `json:"threeDSServerURL"` // where the RReq goes
	ThreeDSRequestorID               string `json:"threeDSRequestorID"`
	ThreeDSRequestorName             string `json:"threeDSRequestorName"`
	ThreeDSRequestorURL              string `json:"threeDSRequestorURL"`
	ThreeDSRequestorAuthenticationID string `json:"threeDSRequestorAuthenticationInd"` // 01 payment
	ThreeDSCompInd                   string `json:"threeDSCompInd"`                    // Y, N or U
	DeviceChannel                    string `json:"deviceChannel"`                     // 02 browser
	MessageCategory                  string `json:"messageCategory"`                   // 01 payment, 02 no payment
	AcctNumber                       string `json:"acctNumber"`
	CardExpiryDate                   string `json:"cardExpiryDate,omitempty"` // YYMM
	AcquirerBIN                      string `json:"acquirerBIN"`
	AcquirerMerchantID               string `json:"acquirerMerchantID"`
	MerchantName                     string `json:"merchantName"`
	MCC                              string `json:"mcc"`
	MerchantCountryCode              string `json:"merchantCountryCode"` // ISO 3166 numeric
	PurchaseAmount                   string `json:"purchaseAmount"`      // in minor units
	PurchaseCurrency                 string `json:"purchaseCurrency"`    // ISO 4217 numeric
	PurchaseExponent                 string `json:"purchaseExponent"`
	PurchaseDate                     string `json:"purchaseDate"` // YYYYMMDDHHMMSS, UTC
	NotificationURL                  string `json:"notificationURL"`
	Browser
}

// Browser is what an AReq says of the cardholder's browser. The last five are
// required where script runs, and always in 2.1.0.
type Browser struct {
	AcceptHeader      string `json:"browserAcceptHeader"`
	IP                string `json:"browserIP,omitempty"`
	UserAgent         string `json:"browserUserAgent"`
	Language          string `json:"browserLanguage"` // BCP 47, at most 8 characters
	JavascriptEnabled *bool  `json:"browserJavascriptEnabled,omitempty"`
	JavaEnabled       *bool  `json:"browserJavaEnabled,omitempty"`
	ColorDepth        string `json:"browserColorDepth,omitempty"`   // bits
	ScreenHeight      string `json:"browserScreenHeight,omitempty"` // CSS pixels
	ScreenWidth       string `json:"browserScreenWidth,omitempty"`  // CSS pixels
	TZ                string `json:"browserTZ,omitempty"`           // minutes, positive behind UTC
}

// ARes answers an AReq.
type ARes struct {
	MessageType          string      `json:"messageType"`
	MessageVersion       string      `json:"messageVersion"`
	ThreeDSServerTransID string      `json:"threeDSServerTransID"`
	ACSTransID           string      `json:"acsTransID"`
	DSTransID            string      `json:"dsTransID"`
	ACSReferenceNumber   string      `json:"acsReferenceNumber"`
	ACSOperatorID        string      `json:"acsOperatorID,omitempty"`
	DSReferenceNumber    string      `json:"dsReferenceNumber"`
	TransStatus          TransStatus `json:"transStatus"`
	TransStatusReason    string      `json:"transStatusReason,omitempty"`
	ACSURL               string      `json:"acsURL,omitempty"` // of the challenge
	ACSChallengeMandated string      `json:"acsChallengeMandated,omitempty"`
	AuthenticationType   string      `json:"authenticationType,omitempty"` // 02 dynamic
	ACSDecConInd         string      `json:"acsDecConInd,omitempty"`       // Y with transStatus D
	AuthenticationValue  string      `json:"authenticationValue,omitempty"`
	ECI                  string      `json:"eci,omitempty"`
}

// CReq opens a challenge in the browser.
type CReq struct {
	MessageType          string     `json:"messageType"`
	MessageVersion       string     `json:"messageVersion"`
	ThreeDSServerTransID string     `json:"threeDSServerTransID"`
	ACSTransID           string     `json:"acsTransID"`
	ChallengeWindowSize  WindowSize `json:"challengeWindowSize"`
}

// CRes tells the browser's side that the challenge is over. Nobody may trust
// it: the result is that of the RReq.
type CRes struct {
	MessageType            string      `json:"messageType"`
	MessageVersion         string      `json:"messageVersion"`
	ThreeDSServerTransID   string      `json:"threeDSServerTransID"`
	ACSTransID             string      `json:"acsTransID"`
	ChallengeCompletionInd string      `json:"challengeCompletionInd"`
	TransStatus            TransStatus `json:"transStatus,omitempty"` // Y or N
}

// RReq brings the result of a challenge from the ACS to the 3DS Server.
type RReq struct {
	MessageType          string      `json:"messageType"`
	MessageVersion       string      `json:"messageVersion"`
	ThreeDSServerTransID string      `json:"threeDSServerTransID"`
	ACSTransID           string      `json:"acsTransID"`
	DSTransID            string      `json:"dsTransID"`
	MessageCategory      string      `json:"messageCategory"`
	TransStatus          TransStatus `json:"transStatus"`
	TransStatusReason    string      `json:"transStatusReason,omitempty"`
	ChallengeCancel      string      `json:"challengeCancel,omitempty"`
	InteractionCounter   string      `json:"interactionCounter"` // 00-99 times the cardholder answered
	AuthenticationType   string      `json:"authenticationType,omitempty"`
	AuthenticationValue  string      `json:"authenticationValue,omitempty"`
	ECI                  string      `json:"eci,omitempty"`
}

// RRes answers an RReq.
type RRes struct {
	MessageType          string `json:"messageType"`
	MessageVersion       string `json:"messageVersion"`
	ThreeDSServerTransID string `json:"threeDSServerTransID"`
	ACSTransID           string `json:"acsTransID"`
	DSTransID            string `json:"dsTransID"`
	ResultsStatus        string `json:"resultsStatus"` // 01 received
}

// MethodData is what the merchant page posts to the 3DS Method URL.
type MethodData struct {
	ThreeDSServerTransID string `json:"threeDSServerTransID"`
	NotificationURL      string `json:"threeDSMethodNotificationURL"`
}

// MethodDone is what the 3DS Method page posts to the notification URL.
type MethodDone struct {
	ThreeDSServerTransID string `json:"threeDSServerTransID"`
}

// WindowSize is the challengeWindowSize of a CReq.
type WindowSize string

// The five window sizes.
const (
	Window250x400    WindowSize = "01"
	Window390x400    WindowSize = "02"
	Window500x600    WindowSize = "03"
	Window600x400    WindowSize = "04"
	WindowFullScreen WindowSize = "05"
)

// Pixels returns width and height in CSS pixels; both are 0 for full screen
// and for a size that is none of the five.
func (s WindowSize) Pixels() (width, height int) {
	switch s {
	case Window250x400:
		return 250, 400
	case Window390x400:
		return 390, 400
	case Window500x600:
		return 500, 600
	case Window600x400:
		return 600, 400
	}
	return 0, 0
}

// WindowSizes lists the five sizes in the order of their codes.
func WindowSizes() []WindowSize {
	return []WindowSize{Window250x400, Window390x400, Window500x600, Window600x400, WindowFullScreen}
}

// NewTransactionID returns a random UUID (RFC 9562, version 4), the form of
// every transaction id of the protocol.
func NewTransactionID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails, see crypto/rand
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func knownVersion(v string) bool { return slices.Contains(Versions(), v) }
