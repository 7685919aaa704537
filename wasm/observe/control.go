//go:build js && wasm

package observe

import (
	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
)

// controlAnswer is what the host page's control URL answers.
type controlAnswer struct {
	said    string // as facts.SessionAnswer has it
	policy  bool   // the page's own policy refused the question, which says nothing of the server
	buildID string // of the page that the server has now; empty where it does not say
}

// controlAnswer asks the host page's control URL with this site's cookies. It is
// asked once in a run, for whoever comes first.
func (b *browser) controlAnswer(ctx context.Context) controlAnswer {
	b.asked.Do(func() { b.answer = b.askControl(ctx, "same-origin") })
	return b.answer
}

// askControl asks the control URL, with or without cookies. One that cannot be
// reached is asked once more: a connection may have been closed meanwhile.
func (b *browser) askControl(ctx context.Context, credentials string) (a controlAnswer) {
	for try := range 2 {
		response, err := b.fetch(ctx, b.controlURL, "cache", "no-store", "credentials", credentials, "redirect", "manual")
		if err == nil {
			b.countLost(try, b.controlURL)
			status, _ := number(response, "status")
			if a = (controlAnswer{said: controlSaid(status)}); a.said == answered {
				a.buildID = b.buildIn(ctx, response)
			}
			return a
		}
		a = controlAnswer{said: outcome(err, answered), policy: b.refuses(ctx, b.controlURL)}
		if a.policy || a.said != failed {
			break
		}
	}
	return a
}

// controlSaid words the status of the control URL's answer. Any other than those
// that cookies are answerable for (a redirect, which has none, a 404, an error of
// the server's) says nothing of them.
func controlSaid(status float64) string {
	switch {
	case status >= 200 && status < 300:
		return answered
	case status == 401, status == 403:
		return "refused"
	case status == 431:
		return "too-large"
	case status == 400, status == 413:
		return "bad-request"
	}
	return "other"
}

// buildIn reads {"buildId": …} of the answer's body.
func (b *browser) buildIn(ctx context.Context, response safejs.Value) string {
	body, err := Call(response, "json")
	if err != nil {
		return ""
	}
	content, err := b.await(ctx, body)
	if err != nil {
		return ""
	}
	return textOr(content, "", "buildId")
}
