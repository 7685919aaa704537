package acs

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// A definition says what a message consists of (EMV 3-D Secure, tables A.1 and
// B.1 to B.9).
type definition struct {
	messageType string
	rules       []rule
}

// A rule is the definition of one data element.
type rule struct {
	name     string
	required condition // nil: optional
	valid    format
}

type (
	condition func(elements) bool
	format    func(value any, all elements) bool
)

func always(elements) bool { return true }

// withScript holds where the browser's script-only elements are required:
// 2.1.0 knows no browser without script.
func withScript(all elements) bool {
	on, _ := all["browserJavascriptEnabled"].(bool)
	return on || all.text("messageVersion") == "2.1.0"
}

func since220(all elements) bool { return all.text("messageVersion") != "2.1.0" }

func whenStatus(statuses string) condition {
	return func(all elements) bool {
		s := all.text("transStatus")
		return len(s) == 1 && strings.Contains(statuses, s)
	}
}

func whenComplete(all elements) bool { return all.text("challengeCompletionInd") == "Y" }

// text makes a format of a predicate on strings.
func text(ok func(string) bool) format {
	return func(value any, _ elements) bool {
		s, isString := value.(string)
		return isString && ok(s)
	}
}

func length(least, most int) format {
	return text(func(s string) bool {
		n := utf8.RuneCountInString(s)
		return least <= n && n <= most
	})
}

func digits(least, most int) format {
	return text(func(s string) bool { return least <= len(s) && len(s) <= most && isNumber(s) })
}

func oneOf(values ...string) format {
	return text(func(s string) bool { return slices.Contains(values, s) })
}

// oneLetterOf accepts one of the letters.
func oneLetterOf(letters string) format { return oneOf(strings.Split(letters, "")...) }

func address(most int) format {
	return text(func(s string) bool { return len(s) <= most && isAddress(s) })
}

// webURL accepts URLs of the web, plain HTTP included: a browser decides for
// itself whether it goes there.
func webURL(most int) format {
	return text(func(s string) bool {
		host, plain := strings.CutPrefix(s, "http://")
		return len(s) <= most && (isAddress(s) || plain && isAddress("https://"+host))
	})
}

func boolean(value any, _ elements) bool {
	_, ok := value.(bool)
	return ok
}

// statusOfARes knows that D and I came with 2.2.0.
func statusOfARes(value any, all elements) bool {
	letters := statusesOfARes21
	if since220(all) {
		letters += statusesSince220
	}
	return oneLetterOf(letters)(value, all)
}

var (
	uuid           = text(isUUID)
	reason         = text(isReason)
	version        = text(knownVersion)
	windowSize     = oneOf("01", "02", "03", "04", "05")
	colorDepth     = oneOf("1", "4", "8", "15", "16", "24", "32", "48")
	ip             = text(isIP)
	timeZone       = text(isTimeZone)
	language       = text(isLanguage)
	cancel         = oneOf("01", "03", "04", "05", "06", "07", "08")
	yesNo          = oneLetterOf("YN")
	proof          = text(isProof)
	acsOrDSName    = length(1, 32)
	authentication = oneOf("01", "02", "03", "04")
)

// common are the elements that every message has first.
func common(messageType string) []rule {
	return []rule{
		{"messageType", always, oneOf(messageType)},
		{"messageVersion", always, version},
	}
}

func define(messageType string, rules ...rule) definition {
	return definition{messageType, append(common(messageType), rules...)}
}

func (AReq) definition() definition {
	return define("AReq",
		rule{"threeDSServerTransID", always, uuid},
		rule{"threeDSServerRefNumber", always, length(1, 32)},
		rule{"threeDSServerOperatorID", nil, length(1, 32)},
		rule{"threeDSServerURL", always, address(2048)},
		rule{"threeDSRequestorID", always, length(1, 35)},
		rule{"threeDSRequestorName", always, length(1, 40)},
		rule{"threeDSRequestorURL", always, address(2048)},
		rule{"threeDSRequestorAuthenticationInd", always, digits(2, 2)},
		rule{"threeDSCompInd", always, oneLetterOf("YNU")},
		rule{"deviceChannel", always, oneOf("02")},
		rule{"messageCategory", always, oneOf("01", "02")},
		rule{"acctNumber", always, digits(13, 19)},
		rule{"cardExpiryDate", nil, digits(4, 4)},
		rule{"acquirerBIN", always, digits(1, 11)},
		rule{"acquirerMerchantID", always, length(1, 35)},
		rule{"merchantName", always, length(1, 40)},
		rule{"mcc", always, digits(4, 4)},
		rule{"merchantCountryCode", always, digits(3, 3)},
		rule{"purchaseAmount", always, digits(1, 48)},
		rule{"purchaseCurrency", always, digits(3, 3)},
		rule{"purchaseExponent", always, digits(1, 1)},
		rule{"purchaseDate", always, digits(14, 14)},
		rule{"notificationURL", always, address(maxNotificationURL)},
		rule{"browserAcceptHeader", always, length(1, 2048)},
		rule{"browserIP", nil, ip},
		rule{"browserUserAgent", always, length(1, 2048)},
		rule{"browserLanguage", always, language},
		rule{"browserJavascriptEnabled", since220, boolean},
		rule{"browserJavaEnabled", withScript, boolean},
		rule{"browserColorDepth", withScript, colorDepth},
		rule{"browserScreenHeight", withScript, digits(1, 6)},
		rule{"browserScreenWidth", withScript, digits(1, 6)},
		rule{"browserTZ", withScript, timeZone},
	)
}

func (ARes) definition() definition {
	return define("ARes",
		rule{"threeDSServerTransID", always, uuid},
		rule{"acsTransID", always, uuid},
		rule{"dsTransID", always, uuid},
		rule{"acsReferenceNumber", always, acsOrDSName},
		rule{"acsOperatorID", nil, acsOrDSName},
		rule{"dsReferenceNumber", always, acsOrDSName},
		rule{"transStatus", always, statusOfARes},
		rule{"transStatusReason", whenStatus(statusesWithWhy), reason},
		rule{"acsURL", whenStatus("C"), webURL(2048)},
		rule{"acsChallengeMandated", whenStatus("C"), yesNo},
		rule{"authenticationType", whenStatus("CD"), authentication},
		rule{"acsDecConInd", whenStatus("D"), yesNo},
		rule{"authenticationValue", nil, proof},
		rule{"eci", nil, digits(2, 2)},
	)
}

func (CReq) definition() definition {
	return define("CReq",
		rule{"threeDSServerTransID", always, uuid},
		rule{"acsTransID", always, uuid},
		rule{"challengeWindowSize", always, windowSize},
	)
}

func (CRes) definition() definition {
	return define("CRes",
		rule{"threeDSServerTransID", always, uuid},
		rule{"acsTransID", always, uuid},
		rule{"challengeCompletionInd", always, yesNo},
		rule{"transStatus", whenComplete, oneLetterOf(statusesOfCRes)},
	)
}

func (RReq) definition() definition {
	return define("RReq",
		rule{"threeDSServerTransID", always, uuid},
		rule{"acsTransID", always, uuid},
		rule{"dsTransID", always, uuid},
		rule{"messageCategory", always, oneOf("01", "02")},
		rule{"transStatus", always, oneLetterOf(statusesOfRReq)},
		rule{"transStatusReason", whenStatus(statusesWithWhy), reason},
		rule{"challengeCancel", nil, cancel},
		rule{"interactionCounter", always, digits(2, 2)},
		rule{"authenticationType", nil, authentication},
		rule{"authenticationValue", nil, proof},
		rule{"eci", nil, digits(2, 2)},
	)
}

func (RRes) definition() definition {
	return define("RRes",
		rule{"threeDSServerTransID", always, uuid},
		rule{"acsTransID", always, uuid},
		rule{"dsTransID", always, uuid},
		rule{"resultsStatus", always, oneOf("01", "02", "03")},
	)
}

func (Erro) definition() definition {
	return define("Erro",
		rule{"threeDSServerTransID", nil, uuid},
		rule{"acsTransID", nil, uuid},
		rule{"dsTransID", nil, uuid},
		rule{"errorCode", always, digits(3, 3)},
		rule{"errorComponent", always, oneLetterOf("CSDA")},
		rule{"errorDescription", always, length(1, 2048)},
		rule{"errorDetail", always, length(0, maxDetail)},
		rule{"errorMessageType", nil, length(4, 4)},
	)
}

func isNumber(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

func isUUID(s string) bool {
	parts := strings.Split(s, "-")
	if len(parts) != 5 {
		return false
	}
	for i, want := range []int{8, 4, 4, 4, 12} {
		if len(parts[i]) != want || strings.Trim(parts[i], "0123456789abcdefABCDEF") != "" {
			return false
		}
	}
	return true
}

// isAddress reports whether s is a full URL that a browser or server may be
// sent to. Plain HTTP is for loopback alone, as browsers hold it.
func isAddress(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.User != nil || u.Fragment != "" || !isHost(u.Host) {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

// isHost refuses what net/url lets pass in a host, such as ";": the host is put
// into the pages' policy.
func isHost(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return notAlphanumeric(r) && !strings.ContainsRune(".-:[]", r) })
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func isIP(s string) bool {
	ip, err := netip.ParseAddr(s)
	return err == nil && ip.Zone() == ""
}

// isReason accepts the assigned reasons, 01-30, and the directory servers' own, 80-99.
func isReason(s string) bool {
	return len(s) == 2 && isNumber(s) && (s >= "01" && s <= "30" || s >= "80")
}

func isTimeZone(s string) bool {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	return len(s) <= 4 && isNumber(s)
}

// isLanguage accepts the shape of BCP 47 tags of at most 8 characters.
func isLanguage(s string) bool {
	if len(s) > 8 {
		return false
	}
	for part := range strings.SplitSeq(s, "-") {
		if part == "" || strings.ContainsFunc(part, notAlphanumeric) {
			return false
		}
	}
	return true
}

func notAlphanumeric(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

// isProof accepts an authenticationValue: 20 bytes in base64, padded.
func isProof(s string) bool {
	return len(s) == 28 && s[27] == '=' && strings.Trim(s[:27], base64Alphabet) == ""
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
