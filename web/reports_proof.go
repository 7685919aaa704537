package web

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web/link"
)

// linkHeader has the query of the link by which the page was opened that sends a
// report.
const linkHeader = "Checkout-Doctor-Link"

// Bounds of what links bring.
const (
	reportsPerLink = 20
	maxUsedLinks   = 10_000 // some 6 MB, if all were used as often as can be
)

// proof is what is known of who sends a report.
type proof struct {
	signed  bool // by a link that is good
	trusted bool // what it says of the case is believed without a link
	link    link.Link
	query   [sha256.Size]byte // of the link, by its sum
}

// proofs tells what may be believed of a report's case.
type proofs struct {
	links LinkVerifier // nil where links are not signed
	now   func(*http.Request) time.Time
	uses  *linkUses
}

// of reads the proof that comes with a report. Pages of allowed origins need none,
// but one that they send must be good.
func (ps proofs) of(r *http.Request, allowedOrigin bool) (proof, *rejection) {
	p := proof{trusted: allowedOrigin || ps.links == nil}
	sent := r.Header.Values(linkHeader)
	if ps.links == nil || len(sent) == 0 {
		return p, nil
	}
	if len(sent) > 1 {
		return proof{}, &rejection{reason: ReportLink, link: link.Doubled}
	}
	l, err := ps.links.Verify(sent[0], ps.now(r))
	if err != nil {
		return proof{}, rejectedLink(err)
	}
	p.signed, p.link, p.query = true, l, sha256.Sum256([]byte(sent[0]))
	return p, nil
}

func rejectedLink(err error) *rejection {
	why := &rejection{reason: ReportLink, link: link.Altered}
	if e, ok := errors.AsType[*link.Error](err); ok {
		why.link = e.Reason
	}
	if why.link == link.Expired {
		why.reason = ReportExpired
	}
	return why
}

// check holds the report against the proof: a case that nothing proves is not
// kept, since support would take the report for that user's.
func (ps proofs) check(p proof, r *report.Report) *rejection {
	if !p.signed {
		if r.Case != "" && !p.trusted {
			return &rejection{reason: ReportLink, link: link.NoLink}
		}
		return nil
	}
	if r.Case != p.link.Case {
		return &rejection{reason: ReportLink}
	}
	if !ps.uses.take(p.query, r.ID) {
		return &rejection{reason: ReportSpent}
	}
	return nil
}

// linkUses bounds how many reports each link brings, as long as the server runs.
// Of more links than it has place for, the one that was first used first is
// forgotten. It is safe for concurrent use.
type linkUses struct {
	mu    sync.Mutex
	ids   map[[sha256.Size]byte][]string // of the reports that each link brought
	order [][sha256.Size]byte            // of first use, from next on and then from the start
	next  int
}

func newLinkUses(links int) *linkUses {
	return &linkUses{
		ids:   make(map[[sha256.Size]byte][]string),
		order: make([][sha256.Size]byte, 0, links),
	}
}

// take tells whether the link may bring the report. One that it brought before
// counts once: a sender who got no receipt may try again.
func (u *linkUses) take(query [sha256.Size]byte, id string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	brought, known := u.ids[query]
	switch {
	case slices.Contains(brought, id):
		return true
	case len(brought) >= reportsPerLink:
		return false
	case !known:
		u.place(query)
	}
	u.ids[query] = append(brought, id)
	return true
}

// place gives the link a place, if need be that of another.
func (u *linkUses) place(query [sha256.Size]byte) {
	if len(u.order) < cap(u.order) {
		u.order = append(u.order, query)
		return
	}
	delete(u.ids, u.order[u.next])
	u.order[u.next] = query
	u.next = (u.next + 1) % len(u.order)
}
