//go:build js && wasm

package observe

import (
	"math"
	"time"

	"github.com/hack-pad/safejs"

	"checkoutdoctor/wasm/context"
	"checkoutdoctor/wasm/facts"
)

var transferFacts = []facts.Declared{facts.RequestsLost, facts.RoundTrip, facts.Download, facts.Upload, facts.Throughput}

// slow is what took too long on its line to be told from what never comes.
const slow = "slow"

// What is sent to and fro. A packet holds some 1400 bytes: each of the large
// ones is a burst of many of full size.
const (
	smallRequests = 5
	largeAnswer   = 64 << 10 // bytes
	largeRequest  = 32 << 10 // bytes
	smallLimit    = 5000     // for all small requests together, in milliseconds; a busy page takes seconds to begin
	answerLimit   = 6000     // for the large answer, in milliseconds; what is stuck is told sooner
	requestLimit  = 4000     // for the large request, in milliseconds
	uploadFrom    = 128      // the least throughput at which a large request is sent, in kbit/s: it takes half of its limit
)

func transferObserver() observer {
	return observer{
		name:  "transfer",
		limit: (smallLimit + answerLimit + 1000) * time.Millisecond, // only a fast answer is followed by a large request
		keys:  transferFacts,
		run:   observeTransfer,
	}
}

// observeTransfer measures what the connection to the vantage's server carries:
// small requests, which nothing else of ours may delay, then a large answer, and
// a large request only where that came: both go by one connection, and what is
// stuck on it holds up what comes after. On a slow one it would take too long to
// tell.
func observeTransfer(ctx context.Context, b *browser, set *facts.Set) {
	const from = "transfer"
	why := facts.ReasonNotConfigured
	if b.vantage != "" {
		why = b.exchange(ctx, set, from)
	}
	if why != "" {
		unknown(set, why, from, transferFacts...)
		return
	}
	_, _ = Call(b.measure, "watchLine", b.vantage) // until the run's end, see countAgain
	url := sibling(b.vantage, "transfer")
	answer, _ := b.measured(ctx, "download", url, largeAnswer, answerLimit)
	putWord(set, facts.Download, textOr(answer, "", "outcome"), from)
	putAmount(set, facts.Throughput, answer, "kbits", 1, 1e8, 1, from)
	if rate, _ := set.Int(facts.Throughput); rate < uploadFrom {
		unknown(set, facts.ReasonNotKnown, from, facts.Upload)
		return
	}
	said, _ := b.measured(ctx, "upload", url, largeRequest, requestLimit)
	word := textOr(said, "")
	if word == slow {
		word = ""
	}
	putWord(set, facts.Upload, word, from)
}

// exchange sends the small requests. It says why nothing can be known of the
// connection where none is answered.
func (b *browser) exchange(ctx context.Context, set *facts.Set, from string) (why facts.Reason) {
	small, err := b.measured(ctx, "roundTrips", b.vantage, smallRequests, smallLimit)
	if err != nil {
		return facts.ReasonUnsupported
	}
	least := math.Inf(1)
	for _, took := range items(small, "times") {
		if ms, ok := number(took); ok && ms >= 0 {
			least = min(least, ms)
		}
	}
	switch {
	case least <= smallLimit:
		set.PutInt(facts.RoundTrip, int64(math.Round(least)), from)
		putAmount(set, facts.RequestsLost, small, "lost", 0, smallRequests, 1, from)
		return ""
	case b.refuses(ctx, b.vantage):
		return facts.ReasonRefused
	}
	return facts.ReasonNotKnown // that the vantage is out is said by itself
}

// measured has the page's side measure something, which ends by itself and gives
// a result whatever happens. An error says that it does not know how to.
func (b *browser) measured(ctx context.Context, what string, args ...any) (safejs.Value, error) {
	promise, err := Call(b.measure, what, args...)
	if err != nil {
		return promise, err
	}
	return b.await(ctx, promise)
}
