//go:build js && wasm

package observe

import (
	"context"

	"github.com/hack-pad/safejs"
)

// controlAnswer is what the host page's control URL answers.
type controlAnswer struct {
	said    string // answered, refused, too-large, failed or timed-out, as facts.SessionAnswer has them
	policy  bool   // the page's own policy refused the question, which says nothing of the server
	buildID string // of the page that the server has now; empty where it does not say
}

// hasControl reports whether there is a control URL that tells of this page: on
// the diagnostic's own page there is none.
func (b *browser) hasControl() bool { return b.controlURL != "" && b.Mode != "link" }

// controlAnswer asks the host page's control URL with this site's cookies. It is
// asked once in a run, for whoever comes first.
func (b *browser) controlAnswer(ctx context.Context) controlAnswer {
	b.asked.Do(func() { b.answer = b.askControl(ctx, "same-origin") })
	return b.answer
}

// askControl asks the control URL, with or without cookies. A redirect is no
// answer: it leads to some other page.
func (b *browser) askControl(ctx context.Context, credentials string) controlAnswer {
	response, err := b.fetch(ctx, b.controlURL, map[string]any{
		"cache": "no-store", "credentials": credentials, "redirect": "error",
	})
	if err != nil {
		return controlAnswer{said: outcome(err, answered), policy: b.refuses(ctx, b.controlURL)}
	}
	status, _ := number(response, "status")
	said := controlSaid(status)
	if said != answered {
		return controlAnswer{said: said}
	}
	return controlAnswer{said: said, buildID: b.buildIn(ctx, response)}
}

// controlSaid words the status of the control URL's answer. Any other than those
// that cookies are answerable for (a 404, an error of the server's) is a failure
// to answer.
func controlSaid(status float64) string {
	switch {
	case status >= 200 && status < 300:
		return answered
	case status == 401, status == 403:
		return "refused"
	case status == 400, status == 413, status == 431:
		return "too-large"
	}
	return failed
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
