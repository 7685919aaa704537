package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web/inbox"
	"checkoutdoctor/web/link"
)

// reportsPath is where users' reports are sent.
const reportsPath = "/reports"

// Bounds of what is taken in.
const (
	// maxReport is of a body, in bytes: ten times a report of every fact and cause.
	maxReport = 256 << 10
	// maxReading is how many bodies are read, or wait to be judged, at a time: 64 MB
	// of them at most.
	maxReading = 256
	// maxJudging is how many reports are decoded and kept at a time. One that was
	// made to be large takes some 20 MB meanwhile.
	maxJudging = 4
	// reportTimeout is how long a body may take to come.
	reportTimeout = 15 * time.Second
	// preflightAge is for how many seconds a browser may remember that an origin is
	// allowed.
	preflightAge = "600"
)

// How many reports one client may send, in tokens of a tenth of one: ten at once,
// then one in ten seconds. All clients whose address is not known share a hundred
// times as much.
const (
	tokensPerReport       = 10
	reportTokensPerSecond = 1
	reportTokensBurst     = 10 * tokensPerReport
)

// reportTo is where the page behind a link has reports sent; empty for nowhere.
func (o Options) reportTo() string {
	if o.Inbox == nil {
		return ""
	}
	return reportsPath
}

// Inbox keeps reports. [inbox.Dir] is one.
type Inbox interface {
	// Keep returns when the report is kept for good; signed tells whether a signed
	// link brought it. The same report again is no error: kept tells whether it is
	// new.
	Keep(r *report.Report, signed bool) (kept bool, err error)
}

// Refusal is the word by which the sender of a report is told why it is not kept.
type Refusal string

// The refusals.
const (
	ReportInvalid     Refusal = "invalid"     // it is no report
	ReportLink        Refusal = "link"        // the link is not good, or not of the report's case
	ReportOrigin      Refusal = "origin"      // a page of a site that is not allowed
	ReportTimeout     Refusal = "timeout"     // the body took too long
	ReportConflict    Refusal = "conflict"    // another report of that id is kept
	ReportExpired     Refusal = "expired"     // the link's time is over
	ReportTooLarge    Refusal = "too-large"   // more than a report can have
	ReportMediaType   Refusal = "media-type"  // not application/json, or compressed
	ReportSpent       Refusal = "spent"       // the link has brought as many as it may
	ReportTooMany     Refusal = "too-many"    // of the client, in too short a time
	ReportUnavailable Refusal = "unavailable" // it cannot be kept, or too many come at once
)

// refusalStatus is each refusal's status.
var refusalStatus = map[Refusal]int{
	ReportInvalid:     http.StatusBadRequest,
	ReportLink:        http.StatusForbidden,
	ReportOrigin:      http.StatusForbidden,
	ReportTimeout:     http.StatusRequestTimeout,
	ReportConflict:    http.StatusConflict,
	ReportExpired:     http.StatusGone,
	ReportTooLarge:    http.StatusRequestEntityTooLarge,
	ReportMediaType:   http.StatusUnsupportedMediaType,
	ReportSpent:       http.StatusForbidden,
	ReportTooMany:     http.StatusTooManyRequests,
	ReportUnavailable: http.StatusServiceUnavailable,
}

// ReportEvent is what became of one report. It has nothing that a user wrote, and
// no address of a client.
type ReportEvent struct {
	Status int     // of the answer: 201 where it is kept, 200 where it was before
	Reason Refusal // empty where it is kept
	// Link is why the link is not good; empty where it is, or there is none.
	Link link.Reason
	// Signed tells whether a signed link brought a report that is kept.
	Signed bool
	// Err is what the inbox has against it; nil for nothing. It may name a file, and
	// with it the report's id, by which support finds the report.
	Err error
}

// reports takes in what users send.
type reports struct {
	inbox    Inbox
	proofs   proofs
	guard    *http.CrossOriginProtection
	origins  []string
	limits   limits
	received func(ReportEvent)
	timeout  time.Duration
	reading  chan struct{} // has one for each body that is read
	judging  chan struct{} // has one for each report that is decoded and kept
}

// newReports fails where an origin is none.
func newReports(o Options) (*reports, error) {
	guard := http.NewCrossOriginProtection()
	for _, origin := range o.ReportOrigins {
		if err := guard.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("allow reports from %q: %w", origin, err)
		}
	}
	return &reports{
		inbox:    o.Inbox,
		proofs:   proofs{links: o.Links, now: o.Now, uses: newLinkUses(maxUsedLinks)},
		guard:    guard,
		origins:  o.ReportOrigins,
		limits:   limitsOf(o.Client, reportTokensPerSecond, reportTokensBurst, unknownFactor),
		received: o.ReportReceived,
		timeout:  reportTimeout,
		reading:  make(chan struct{}, maxReading),
		judging:  make(chan struct{}, maxJudging),
	}, nil
}

// receipt is what the sender of a report that is kept gets.
type receipt struct {
	ID   string `json:"id"`
	Case string `json:"case,omitempty"`
	Code string `json:"code"`
}

// taken is a report that is kept.
type taken struct {
	event   ReportEvent
	receipt receipt
}

// rejection is why a report is not kept.
type rejection struct {
	reason Refusal
	link   link.Reason   // why the link is not good
	wait   time.Duration // after how long to try again; 0 where that is of no use
	err    error         // what the inbox has against it
}

// post takes one report in.
func (rs *reports) post(w http.ResponseWriter, r *http.Request) {
	rs.letRead(w.Header(), r)
	kept, why := rs.take(w, r)
	if why != nil {
		rs.reject(w, why)
		return
	}
	rs.received(kept.event)
	sendJSON(w, kept.event.Status, kept.receipt)
}

// preflight answers browsers that ask whether a page of another site may send a
// report (https://fetch.spec.whatwg.org/#cors-preflight-fetch).
func (rs *reports) preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if !rs.letRead(h, r) {
		rs.reject(w, &rejection{reason: ReportOrigin})
		return
	}
	h.Set("Access-Control-Allow-Methods", http.MethodPost)
	h.Set("Access-Control-Allow-Headers", "Content-Type, "+linkHeader)
	h.Set("Access-Control-Max-Age", preflightAge)
	w.WriteHeader(http.StatusNoContent)
}

// letRead lets pages of the allowed origins read the answer, and tells whether
// one of them asks.
func (rs *reports) letRead(h http.Header, r *http.Request) bool {
	h.Add("Vary", "Origin")
	if !rs.isAllowedOrigin(r) {
		return false
	}
	h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	h.Set("Access-Control-Expose-Headers", "Retry-After")
	return true
}

func (rs *reports) isAllowedOrigin(r *http.Request) bool {
	return slices.Contains(rs.origins, r.Header.Get("Origin"))
}

// reject tells the sender, and who runs the server, why the report is not kept.
func (rs *reports) reject(w http.ResponseWriter, why *rejection) {
	status := refusalStatus[why.reason]
	rs.received(ReportEvent{Status: status, Reason: why.reason, Link: why.link, Err: why.err})
	if why.wait > 0 {
		w.Header().Set("Retry-After", wholeSeconds(why.wait))
	}
	sendJSON(w, status, struct {
		Error Refusal `json:"error"`
	}{why.reason})
}

// take has the steps of a report's way in, those that cost least first.
func (rs *reports) take(w http.ResponseWriter, r *http.Request) (*taken, *rejection) {
	if rs.guard.Check(r) != nil {
		return nil, &rejection{reason: ReportOrigin}
	}
	if wait, ok := rs.limits.take(rs.limits.client(r), tokensPerReport); !ok {
		return nil, &rejection{reason: ReportTooMany, wait: wait}
	}
	if !isPlainJSON(r.Header) {
		return nil, &rejection{reason: ReportMediaType}
	}
	proof, why := rs.proofs.of(r, rs.isAllowedOrigin(r))
	if why != nil {
		return nil, why
	}
	select {
	case rs.reading <- struct{}{}:
		defer func() { <-rs.reading }()
	default:
		return nil, &rejection{reason: ReportUnavailable}
	}
	body, why := rs.read(w, r)
	if why != nil {
		return nil, why
	}
	return rs.judge(r.Context(), body, proof)
}

// isPlainJSON tells whether the body is JSON, by the one media type that is named,
// and not compressed. A charset makes no difference (RFC 8259, section 11).
func isPlainJSON(h http.Header) bool {
	types := h.Values("Content-Type")
	if len(types) != 1 || len(h.Values("Content-Encoding")) > 0 {
		return false
	}
	mediaType, _, err := mime.ParseMediaType(types[0])
	return err == nil && mediaType == "application/json"
}

// read reads a body of bounded size within a bounded time.
func (rs *reports) read(w http.ResponseWriter, r *http.Request) ([]byte, *rejection) {
	if r.ContentLength > maxReport {
		return nil, &rejection{reason: ReportTooLarge}
	}
	// Where no deadline can be set, which is where there is no connection, the body
	// is there already.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(rs.timeout))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxReport))
	if err != nil {
		return nil, &rejection{reason: whyNotRead(err)}
	}
	return body, nil
}

func whyNotRead(err error) Refusal {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return ReportTooLarge
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return ReportTimeout
	}
	return ReportInvalid // the sender broke off
}

// judge decodes the report, holds it against the proof, and keeps it.
func (rs *reports) judge(ctx context.Context, body []byte, p proof) (*taken, *rejection) {
	select {
	case rs.judging <- struct{}{}:
		defer func() { <-rs.judging }()
	case <-ctx.Done():
		return nil, &rejection{reason: ReportUnavailable, err: ctx.Err()}
	}
	r, err := decodeReport(body)
	if err != nil {
		return nil, &rejection{reason: ReportInvalid}
	}
	if why := rs.proofs.check(p, r); why != nil {
		return nil, why
	}
	kept, err := rs.inbox.Keep(r, p.signed)
	if err != nil {
		return nil, &rejection{reason: whyNotKept(err), err: err}
	}
	t := &taken{
		event:   ReportEvent{Status: http.StatusOK, Signed: p.signed},
		receipt: receipt{ID: r.ID, Case: r.Case, Code: report.Code(r)},
	}
	if kept {
		t.event.Status = http.StatusCreated
	}
	return t, nil
}

// decodeReport reads a report whose id can name a file, whose case can be compared
// by eye, and of which a terminal or an editor shows what is there.
func decodeReport(body []byte) (*report.Report, error) {
	r, err := report.Decode(body)
	switch {
	case err != nil:
		return nil, err
	case !inbox.IsID(r.ID):
		return nil, inbox.ErrInvalid
	case !isLegible(r.Tree()):
		return nil, errIllegible
	case r.Case != "":
		return r, link.CheckCase(r.Case)
	}
	return r, nil
}

var errIllegible = errors.New("the report has characters that cannot be seen")

// isLegible tells whether a JSON value has no character that cannot be seen, such
// as a control or a mark of direction. No word of a report's has one.
func isLegible(value any) bool {
	switch v := value.(type) {
	case string:
		return !strings.ContainsFunc(v, func(r rune) bool { return !link.IsVisible(r) })
	case []any:
		return !slices.ContainsFunc(v, func(item any) bool { return !isLegible(item) })
	case map[string]any:
		for key, item := range v {
			if !isLegible(key) || !isLegible(item) {
				return false
			}
		}
	}
	return true
}

func whyNotKept(err error) Refusal {
	switch {
	case errors.Is(err, inbox.ErrConflict):
		return ReportConflict
	case errors.Is(err, inbox.ErrTooLarge):
		return ReportTooLarge
	}
	return ReportUnavailable
}

func sendJSON(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // fails only when the client is gone: nobody is left to tell
}
