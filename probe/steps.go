package probe

import (
	"slices"
	"strings"
)

// Every step of 3-D Secure is a document that is posted into a frame, a window
// or the page's own place, in this order: by the merchant's page the 3DS Method's data to the
// issuer, by the issuer's page its end to the 3DS Server, by the merchant's page
// the CReq to the issuer, by the issuer's page the answer to itself, and the
// CRes to the notification page. Who posted what tells the steps apart.

// toIssuer reports whether the payment page posted it to the issuer.
func (v *view) toIssuer(origin, by string) bool {
	return by == v.origins.Merchant && v.origins.issuer(origin)
}

// back reports whether somebody else posted it to the shop or its 3DS Server.
func (v *view) back(origin, by string) bool {
	return by != "" && by != v.origins.Merchant && (origin == v.origins.ThreeDSServer || origin == v.origins.Merchant)
}

// methodPages is how many pages the card's 3DS Method opens at the issuer: its
// third-last digit says whether there is a method.
func (v *view) methodPages() int {
	if len(v.card) < 3 || v.card[len(v.card)-3] != '1' {
		return 0
	}
	return 1
}

// challengesAsked is how many CReqs the payment page posted.
func (v *view) challengesAsked() int {
	asked := 0
	for _, p := range v.payment.Posts {
		if v.toIssuer(p.Origin, p.By) {
			asked++
		}
	}
	return max(0, asked-v.methodPages())
}

// firstCReq returns where the first CReq stands among the posts; their number
// where there is none.
func (v *view) firstCReq() int {
	before := v.methodPages()
	for i, p := range v.payment.Posts {
		if !v.toIssuer(p.Origin, p.By) {
			continue
		}
		if before == 0 {
			return i
		}
		before--
	}
	return len(v.payment.Posts)
}

// methodLimit is less than any page gives the 3DS Method, in milliseconds: no time
// scale makes it shorter than 1500, and on a busy machine the post that is
// measured from may come well after the page's clock was started.
const methodLimit = 1000

// methodNotified reports whether the 3DS Method's end was posted, and the payment
// went on for it: too early for the method's time to be over.
func (v *view) methodNotified() bool {
	first := v.firstCReq()
	posts := v.payment.Posts[:first]
	begun := slices.IndexFunc(posts, func(p Post) bool { return v.toIssuer(p.Origin, p.By) })
	return begun >= 0 && first < len(v.payment.Posts) && v.returned(posts[begun:]) > 0 &&
		v.payment.Posts[first].At-posts[begun].At < methodLimit
}

// methodsReturned is how many posts of a 3DS Method's end came before the
// challenge.
func (v *view) methodsReturned() int {
	return v.returned(v.payment.Posts[:v.firstCReq()])
}

// challengesReturned is how many CRes were posted.
func (v *view) challengesReturned() int {
	return v.returned(v.payment.Posts[v.firstCReq():])
}

// returned counts the posts that went back.
func (v *view) returned(posts []Post) int {
	n := 0
	for _, p := range posts {
		if v.back(p.Origin, p.By) {
			n++
		}
	}
	return n
}

// challengeRemoved reports whether a frame of the issuer's was taken out after
// the challenge was asked for. That of the 3DS Method goes before.
func (v *view) challengeRemoved() bool {
	first := v.firstCReq()
	return first < len(v.payment.Posts) && slices.ContainsFunc(v.payment.Removed, func(r Removal) bool {
		return v.origins.issuer(r.Origin) && r.At >= v.payment.Posts[first].At
	})
}

// challengeStatuses are the issuer's answers to the CReqs, without redirects.
func (v *view) challengeStatuses() []Status {
	var list []Status
	for _, s := range v.payment.Statuses {
		if v.toIssuer(s.Origin, s.By) && (s.Code < 300 || s.Code >= 400) {
			list = append(list, s)
		}
	}
	return list[min(v.methodPages(), len(list)):]
}

// notificationStatuses are the answers to the CRes.
func (v *view) notificationStatuses() []Status {
	var list []Status
	for _, s := range v.payment.Statuses {
		if v.back(s.Origin, s.By) {
			list = append(list, s)
		}
	}
	return list[min(v.methodsReturned(), len(list)):]
}

// issuerFailures are the failures of documents in the issuer's frames and
// windows, except those of a page that another one replaced before it came.
func (v *view) issuerFailures() []Failure {
	var list []Failure
	for _, f := range v.payment.Failures {
		if (f.Frame || f.Window) && v.origins.issuer(f.Origin) && !strings.Contains(f.Error, "ERR_ABORTED") {
			list = append(list, f)
		}
	}
	return list
}

// helperFrames reports whether a document of the helper's came in a frame.
func (v *view) helperFrames(which func(Status) bool) bool {
	return slices.ContainsFunc(v.whole.Statuses, func(s Status) bool {
		return s.Frame && s.Origin == v.origins.Helper && s.Code == 200 && which(s)
	})
}
