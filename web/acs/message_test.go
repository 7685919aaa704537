package acs

import (
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	serverID = "d461f105-1792-407f-95ff-9a496fd918a9"
	acsID    = "6c4c7d52-2ed3-4b9a-a4a0-6b8ec8bd9fa7"
	dsID     = "1f9a5a52-0a5d-4a2c-9c5b-8f9a1c0b7d3e"
)

func validAReq() AReq {
	return AReq{
		MessageType: "AReq", MessageVersion: "2.2.0", ThreeDSServerTransID: serverID,
		ThreeDSServerRefNumber: "REF", ThreeDSServerURL: "https://tds.gateway.test/3ds/results",
		ThreeDSRequestorID: "1", ThreeDSRequestorName: "Shop", ThreeDSRequestorURL: "https://pay.merchant.test",
		ThreeDSRequestorAuthenticationID: "01", ThreeDSCompInd: "Y", DeviceChannel: "02", MessageCategory: "01",
		AcctNumber: "4000000000002140", AcquirerBIN: "400000", AcquirerMerchantID: "1",
		MerchantName: "Shop", MCC: "7311", MerchantCountryCode: "752",
		PurchaseAmount: "12000", PurchaseCurrency: "840", PurchaseExponent: "2", PurchaseDate: "20261122024500",
		NotificationURL: "https://tds.gateway.test/3ds/challenge/notify",
		Browser: Browser{
			AcceptHeader: "*/*", IP: "127.0.0.1", UserAgent: "Mozilla/5.0", Language: "sv-SE",
			JavascriptEnabled: new(true), JavaEnabled: new(false),
			ColorDepth: "24", ScreenHeight: "900", ScreenWidth: "1440", TZ: "-60",
		},
	}
}

func validCReq() CReq {
	return CReq{MessageType: "CReq", MessageVersion: "2.2.0", ThreeDSServerTransID: serverID, ACSTransID: acsID, ChallengeWindowSize: "02"}
}

func validCRes() CRes {
	return CRes{MessageType: "CRes", MessageVersion: "2.2.0", ThreeDSServerTransID: serverID, ACSTransID: acsID, ChallengeCompletionInd: "Y", TransStatus: "Y"}
}

func validRReq() RReq {
	return RReq{
		MessageType: "RReq", MessageVersion: "2.2.0", ThreeDSServerTransID: serverID, ACSTransID: acsID, DSTransID: dsID,
		MessageCategory: "01", TransStatus: "Y", InteractionCounter: "01",
	}
}

func validRRes() RRes {
	return RRes{MessageType: "RRes", MessageVersion: "2.2.0", ThreeDSServerTransID: serverID, ACSTransID: acsID, DSTransID: dsID, ResultsStatus: "01"}
}

func validARes() ARes {
	ares := newARes(validAReq(), Decision{TransStatus: StatusChallenge})
	ares.ACSURL = "https://acs.issuer.test/challenge/" + ares.ACSTransID
	return ares
}

// change returns the message as JSON with elements set; nil takes one out.
func change(t *testing.T, message any, changes map[string]any) []byte {
	t.Helper()
	body, err := json.Marshal(message)
	require.NoError(t, err)
	var tree map[string]any
	require.NoError(t, json.Unmarshal(body, &tree))
	for name, value := range changes {
		if value == nil {
			delete(tree, name)
		} else {
			tree[name] = value
		}
	}
	body, err = json.Marshal(tree)
	require.NoError(t, err)
	return body
}

func TestMessagesComeThroughUnchanged(t *testing.T) {
	roundTrip(t, validAReq())
	roundTrip(t, validARes())
	roundTrip(t, validCReq())
	roundTrip(t, validCRes())
	roundTrip(t, validRReq())
	roundTrip(t, validRRes())
	roundTrip(t, *newErro(ComponentACS, "CReq", CodeUnknownID, "acsTransID", nil))
}

func roundTrip[M Message](t *testing.T, m M) {
	t.Helper()
	body, err := json.Marshal(m)
	require.NoError(t, err)
	got, err := Decode[M](body, ComponentACS)
	require.NoError(t, err)
	assert.Equal(t, m, got)
}

func TestMalformedMessageGetsTheRightErro(t *testing.T) {
	long := strings.Repeat("x", 2049)
	extension := []any{map[string]any{"name": "n", "id": "A000000802-001", "criticalityIndicator": true, "data": map[string]any{}}}
	tests := []struct {
		symptom string
		body    []byte
		code    ErrorCode
		detail  string
	}{
		{"not JSON", []byte("creq"), "101", "not a JSON object"},
		{"a list", []byte("[]"), "101", "not a JSON object"},
		{"nothing", nil, "101", "not a JSON object"},
		{"cut off", []byte(`{"messageType":"AReq"`), "101", "not valid JSON"},
		{"two messages", append(change(t, validAReq(), nil), "{}"...), "101", "data after the JSON object"},
		{"another message", change(t, validCReq(), nil), "101", "messageType is not AReq"},
		{"no message type", change(t, validAReq(), map[string]any{"messageType": nil}), "101", "messageType is not AReq"},
		{"name in another case", change(t, validAReq(), map[string]any{"mcc": nil, "MCC": "7311"}), "201", "mcc"},
		{"no version", change(t, validAReq(), map[string]any{"messageVersion": nil}), "201", "messageVersion"},
		{"version of 3DS 1", change(t, validAReq(), map[string]any{"messageVersion": "1.0.2"}), "102", "2.1.0,2.2.0,2.3.1"},
		{"element twice", append([]byte(`{"mcc":"7311",`), change(t, validAReq(), nil)[1:]...), "204", "mcc"},
		{"critical extension", change(t, validAReq(), map[string]any{"messageExtension": extension}), "202", "A000000802-001"},
		{"elements missing", change(t, validAReq(), map[string]any{"acctNumber": nil, "browserUserAgent": nil}), "201", "acctNumber,browserUserAgent"},
		{"script runs, screen missing", change(t, validAReq(), map[string]any{"browserScreenWidth": nil}), "201", "browserScreenWidth"},
		{"script unknown since 2.2.0", change(t, validAReq(), map[string]any{"browserJavascriptEnabled": nil}), "201", "browserJavascriptEnabled"},
		{"null in place of text", change(t, validAReq(), map[string]any{"mcc": json.RawMessage("null")}), "203", "mcc"},
		{"number in place of text", change(t, validAReq(), map[string]any{"mcc": 7311}), "203", "mcc"},
		{"text in place of boolean", change(t, validAReq(), map[string]any{"browserJavaEnabled": "false"}), "203", "browserJavaEnabled"},
		{"transaction id is no UUID", change(t, validAReq(), map[string]any{"threeDSServerTransID": "1"}), "203", "threeDSServerTransID"},
		{"user agent too long", change(t, validAReq(), map[string]any{"browserUserAgent": long}), "203", "browserUserAgent"},
		{"notification URL too long", change(t, validAReq(), map[string]any{"notificationURL": "https://a.test/" + strings.Repeat("x", 242)}), "203", "notificationURL"},
		{"notification URL not HTTPS", change(t, validAReq(), map[string]any{"notificationURL": "http://a.test/"}), "203", "notificationURL"},
		{"notification URL breaks out of a policy", change(t, validAReq(), map[string]any{"notificationURL": "https://a.test;script-src/"}), "203", "notificationURL"},
		{"language too long", change(t, validAReq(), map[string]any{"browserLanguage": "zh-Hans-CN"}), "203", "browserLanguage"},
		{"colour depth of 30", change(t, validAReq(), map[string]any{"browserColorDepth": "30"}), "203", "browserColorDepth"},
		{"time zone with two signs", change(t, validAReq(), map[string]any{"browserTZ": "+-60"}), "203", "browserTZ"},
		{"screen of seven digits", change(t, validAReq(), map[string]any{"browserScreenWidth": "1000000"}), "203", "browserScreenWidth"},
		{"app channel", change(t, validAReq(), map[string]any{"deviceChannel": "01"}), "203", "deviceChannel"},
		{"two malformed", change(t, validAReq(), map[string]any{"mcc": "1", "acctNumber": "1"}), "203", "acctNumber,mcc"},
	}
	for _, tt := range tests {
		t.Run(tt.symptom, func(t *testing.T) {
			_, err := Decode[AReq](tt.body, ComponentACS)
			erro, ok := errors.AsType[*Erro](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, tt.code, erro.ErrorCode)
			assert.Equal(t, tt.detail, erro.ErrorDetail)
			assert.Equal(t, "AReq", erro.ErrorMessageType)
			assert.Equal(t, ComponentACS, erro.ErrorComponent)
			roundTrip(t, *erro)
		})
	}
}

func TestErroEchoesOnlyWellFormedIDs(t *testing.T) {
	_, err := Decode[CReq](change(t, validCReq(), map[string]any{"acsTransID": "<script>", "messageVersion": "2.1.0"}), ComponentACS)
	erro, _ := errors.AsType[*Erro](err)
	require.NotNil(t, erro)
	assert.Equal(t, "2.1.0", erro.MessageVersion)
	assert.Equal(t, serverID, erro.ThreeDSServerTransID)
	assert.Empty(t, erro.ACSTransID)
}

func TestRequirementsThatDependOnOtherElements(t *testing.T) {
	tests := []struct {
		symptom string
		decode  func() error
		wanted  string // of the Erro; empty for none
	}{
		{"no script, no screen", decoding[AReq](change(t, validAReq(), map[string]any{
			"browserJavascriptEnabled": false, "browserJavaEnabled": nil, "browserColorDepth": nil,
			"browserScreenHeight": nil, "browserScreenWidth": nil, "browserTZ": nil,
		})), ""},
		{"2.1.0 knows no browser without script", decoding[AReq](change(t, validAReq(), map[string]any{
			"messageVersion": "2.1.0", "browserJavascriptEnabled": nil, "browserTZ": nil,
		})), "201 browserTZ"},
		{"challenge without URL", decoding[ARes](change(t, validARes(), map[string]any{"acsURL": nil})), "201 acsURL"},
		{"challenge over plain HTTP, which browsers refuse", decoding[ARes](change(t, validARes(), map[string]any{"acsURL": "http://acs.issuer.test/1"})), ""},
		{"challenge by a script URL", decoding[ARes](change(t, validARes(), map[string]any{"acsURL": "javascript:alert(1)"})), "203 acsURL"},
		{"denied without reason", decoding[ARes](change(t, validARes(), map[string]any{"transStatus": "N"})), "201 transStatusReason"},
		{"unassigned reason", decoding[ARes](change(t, validARes(), map[string]any{"transStatus": "N", "transStatusReason": "31"})), "203 transStatusReason"},
		{"reason of a directory server", decoding[ARes](change(t, validARes(), map[string]any{"transStatus": "N", "transStatusReason": "80"})), ""},
		{"informational in 2.1.0", decoding[ARes](change(t, validARes(), map[string]any{"transStatus": "I", "messageVersion": "2.1.0"})), "203 transStatus"},
		{"informational since 2.2.0", decoding[ARes](change(t, validARes(), map[string]any{"transStatus": "I"})), ""},
		{"completed without status", decoding[CRes](change(t, validCRes(), map[string]any{"transStatus": nil})), "201 transStatus"},
		{"not completed without status", decoding[CRes](change(t, validCRes(), map[string]any{"transStatus": nil, "challengeCompletionInd": "N"})), ""},
		{"CRes with status U", decoding[CRes](change(t, validCRes(), map[string]any{"transStatus": "U"})), "203 transStatus"},
		{"result that is a challenge", decoding[RReq](change(t, validRReq(), map[string]any{"transStatus": "C"})), "203 transStatus"},
		{"result denied without reason", decoding[RReq](change(t, validRReq(), map[string]any{"transStatus": "N"})), "201 transStatusReason"},
		{"cancelled for an unknown reason", decoding[RReq](change(t, validRReq(), map[string]any{"challengeCancel": "02"})), "203 challengeCancel"},
		{"proof is not 20 bytes", decoding[RReq](change(t, validRReq(), map[string]any{"authenticationValue": "AAAA"})), "203 authenticationValue"},
		{"window of no size", decoding[CReq](change(t, validCReq(), map[string]any{"challengeWindowSize": "06"})), "203 challengeWindowSize"},
		{"extension that may be ignored", decoding[CReq](change(t, validCReq(), map[string]any{
			"messageExtension": []any{map[string]any{"id": "x", "criticalityIndicator": false}}, "unknown": 1,
		})), ""},
	}
	for _, tt := range tests {
		t.Run(tt.symptom, func(t *testing.T) {
			err := tt.decode()
			if tt.wanted == "" {
				require.NoError(t, err)
				return
			}
			erro, ok := errors.AsType[*Erro](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, tt.wanted, string(erro.ErrorCode)+" "+erro.ErrorDetail)
		})
	}
}

func decoding[M Message](body []byte) func() error {
	return func() error {
		_, err := Decode[M](body, ComponentServer)
		return err
	}
}

func TestDefinitionsNameTheFieldsOfTheTypes(t *testing.T) {
	for _, m := range []interface{ definition() definition }{AReq{}, ARes{}, CReq{}, CRes{}, RReq{}, RRes{}, Erro{}} {
		d := m.definition()
		t.Run(d.messageType, func(t *testing.T) {
			var defined []string
			for _, r := range d.rules {
				defined = append(defined, r.name)
			}
			assert.ElementsMatch(t, defined, fieldNames(reflect.TypeOf(m)))
		})
	}
}

func fieldNames(structure reflect.Type) []string {
	var names []string
	for f := range structure.Fields() {
		if f.Anonymous {
			names = append(names, fieldNames(f.Type)...)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

func TestEveryErrorCodeIsDescribed(t *testing.T) {
	for _, code := range slices.Sorted(maps.Keys(descriptions)) {
		assert.NotEmpty(t, newErro(ComponentACS, "", code, "", nil).ErrorDescription)
	}
}

func TestErroDetailIsClipped(t *testing.T) {
	e := newErro(ComponentACS, "CReq", CodeMessageInvalid, strings.Repeat("ö", 3000), nil)
	assert.Len(t, []rune(e.ErrorDetail), 2048)
	roundTrip(t, *e)
}

func TestWindowSizes(t *testing.T) {
	want := map[WindowSize][2]int{"01": {250, 400}, "02": {390, 400}, "03": {500, 600}, "04": {600, 400}, "05": {}}
	assert.Len(t, WindowSizes(), len(want))
	for _, size := range WindowSizes() {
		width, height := size.Pixels()
		assert.Equal(t, want[size], [2]int{width, height}, size)
	}
}

func TestTransactionIDsAreRandomUUIDs(t *testing.T) {
	a, b := NewTransactionID(), NewTransactionID()
	assert.True(t, isUUID(a), a)
	assert.NotEqual(t, a, b)
	assert.Equal(t, byte('4'), a[14], "version")
}

func FuzzDecode(f *testing.F) {
	for _, m := range []any{validAReq(), validARes(), validCReq(), validCRes(), validRReq(), validRRes(), newErro(ComponentACS, "", CodeVersion, "", nil)} {
		body, err := json.Marshal(m)
		require.NoError(f, err)
		f.Add(body)
	}
	f.Add([]byte(`{"messageType":"CReq","messageType":"CReq"}`))
	f.Add([]byte(`{"messageExtension":[{"criticalityIndicator":true}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		decodesOrErrs[AReq](t, body)
		decodesOrErrs[ARes](t, body)
		decodesOrErrs[CReq](t, body)
		decodesOrErrs[CRes](t, body)
		decodesOrErrs[RReq](t, body)
		decodesOrErrs[RRes](t, body)
		decodesOrErrs[Erro](t, body)
	})
}

// decodesOrErrs holds that a message that is accepted is accepted again as we
// would write it, and that every error is an Erro that may be sent.
func decodesOrErrs[M Message](t *testing.T, body []byte) {
	m, err := Decode[M](body, ComponentACS)
	if err != nil {
		erro, ok := errors.AsType[*Erro](err)
		require.True(t, ok, "%v", err)
		roundTrip(t, *erro)
		return
	}
	roundTrip(t, m)
}
