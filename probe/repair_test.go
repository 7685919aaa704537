package probe

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/diagnosis"
	"checkoutdoctor/wasm/facts"
	"checkoutdoctor/wasm/report"
)

func TestARepairIsTriedInThePageAndThenPaidAnew(t *testing.T) {
	anew := []string{
		"open about:blank", "open pay with ", "hover checkout-doctor", "click #pay", "press the diagnostic's button", "wait for the report",
	}
	for name, test := range map[string]struct {
		repair Repair
		page   staged
		did    []string
	}{
		"that asks first":       {RemoveWorker, staged{asks: true}, []string{"press repair", "press consent"}},
		"that asks nothing":     {RemoveWorker, staged{}, []string{"press repair"}},
		"by a page in a window": {ResetLink, staged{opened: []Frame{&stagedFrame{}}}, []string{"press the link"}},
	} {
		t.Run(name, func(t *testing.T) {
			page := test.page
			page.states = []string{"paid"}
			s := Scenario{Mode: Embed, Pay: true, Repair: test.repair}
			again, err := repair(t.Context(), &page, scene{Lab: stage{}}, &s, observation{page: &page})
			require.NoError(t, err)
			assert.Equal(t, append(test.did, anew...), page.did)
			assert.Equal(t, new(true), again.paid)
			assert.NotNil(t, again.report)
		})
	}
}

func TestWhatTheUserSwitchesOffIsAskedAboutOnTheSamePage(t *testing.T) {
	page := staged{compares: gone}
	before := &report.Report{ID: "1"}
	found := observation{page: &page, paid: new(true), report: before}
	again, err := repair(t.Context(), &page, scene{stage{}, stagedProxy{page: &page}}, &Scenario{Mode: Embed, Repair: VPNOff}, found)
	require.NoError(t, err)
	assert.Equal(t, []string{"switch false", "press the diagnostic's button", "wait for another report"}, page.did)
	assert.Equal(t, new(true), again.paid, "as before")
	assert.Equal(t, gone, again.compared)
	assert.NotSame(t, before, again.report)
}

func TestWhoIsOnlineAgainAsksOnTheSamePage(t *testing.T) {
	page := staged{compares: gone}
	found := observation{page: &page, report: &report.Report{ID: "1"}}
	again, err := repair(t.Context(), &page, scene{Lab: stage{}}, &Scenario{Mode: Embed, Repair: Reconnect}, found)
	require.NoError(t, err)
	assert.Equal(t, []string{"offline false", "press the diagnostic's button", "wait for another report"}, page.did)
	assert.Equal(t, gone, again.compared)
}

func TestWhatIsSaidAfterARepairIsComparedWithTheBrowserToo(t *testing.T) {
	refused := Truth{Issues: []Issue{{Code: "CookieIssue", Origin: testOrigins.Helper}}}
	untrue := Problem{Untrue, "third-party cookies are kept: the browser saw a cookie of the helper's refused"}
	for name, test := range map[string]struct {
		page     staged
		contrary bool
	}{
		"it contradicts":                     {staged{later: refused}, true},
		"it contradicted what was said then": {staged{truth: refused}, false},
	} {
		t.Run(name, func(t *testing.T) {
			page := &test.page
			page.states = []string{"paid"}
			page.tell = func(s *facts.Set) { s.PutBool(facts.ThirdPartyHeader, true, "cookie") }
			s, result := Scenario{Mode: Embed, Pay: true, Repair: RemoveWorker}, Result{}
			r := run{Runner: &Runner{Lab: stage{}}}
			require.NoError(t, r.repair(t.Context(), page, scene{Lab: stage{}}, &s, observation{page: page}, &result))
			require.NotNil(t, result.Repaired)
			assert.Equal(t, test.contrary, slices.Contains(result.Problems, untrue))
		})
	}
}

// TestARepairThatDoesNotHelpFailsTheScenario: clear and paid is what proves it.
func TestARepairThatDoesNotHelpFailsTheScenario(t *testing.T) {
	judged := func(verdict diagnosis.Verdict, paid bool, left ...string) []Problem {
		var s facts.Set
		r := &report.Report{Result: diagnosis.Judge(&s), Facts: &s}
		r.Verdict = verdict
		var problems []Problem
		for _, p := range repairProblems(&Scenario{Repair: RepairFile}, observation{report: r, paid: &paid, leftOpen: left}) {
			if p.Kind != Unreplayable { // the verdict is made up
				problems = append(problems, p)
			}
		}
		return problems
	}
	assert.Empty(t, judged(diagnosis.Clear, true))
	assert.Equal(t, []Problem{{Unrepaired, "after repair-file it is no finding (blocked, paid)"}}, judged(diagnosis.Blocked, true))
	assert.Equal(t, []Problem{{Unrepaired, "after repair-file the payment fails as before"}}, judged(diagnosis.Clear, false))
	assert.Equal(t, []Problem{{LeftOpen, "the diagnostic opened a window and left it open: https://doctor.diag.test/popup"}},
		judged(diagnosis.Clear, true, "https://doctor.diag.test/popup"))
}

func TestReconnectingIsProvedByTheFindingThatItEnds(t *testing.T) {
	s := &Scenario{Repair: Reconnect, Faults: []Fault{{Place: InBrowser, Offline: true, Gives: "network.offline"}, {Place: InLab, Gives: "popup.blocked"}}}
	r := &report.Report{Facts: &facts.Set{}}
	r.Findings = []diagnosis.Finding{{Code: "popup.blocked"}, {Code: "network.offline"}}
	assert.Equal(t, []diagnosis.Code{"network.offline"}, foundStill(s, r))
}

func TestSwitchingOffIsProvedByWhatTheDiagnosticSaysOfIt(t *testing.T) {
	const likely diagnosis.Code = "vpn.likely"
	s := &Scenario{Repair: VPNOff, Faults: []Fault{{Place: InNetwork, Code: "exit-vpn", Gives: likely}}}
	for name, test := range map[string]struct {
		finds    []diagnosis.Finding
		compared string
		want     []Problem
	}{
		"it is gone":        {nil, gone, nil},
		"nothing is said":   {nil, "", []Problem{{Unrepaired, `after vpn-off the diagnostic calls it "", not "gone"`}}},
		"it is still there": {[]diagnosis.Finding{{Code: likely}}, gone, []Problem{{Unrepaired, "after vpn-off vpn.likely is found as before"}}},
	} {
		t.Run(name, func(t *testing.T) {
			r := &report.Report{Facts: &facts.Set{}}
			r.Verdict, r.Findings = diagnosis.Clear, test.finds
			problems := slices.DeleteFunc(repairProblems(s, observation{report: r, compared: test.compared}), func(p Problem) bool {
				return p.Kind == Unreplayable // the verdict is made up
			})
			assert.ElementsMatch(t, test.want, problems)
		})
	}
}

func TestAWindowThatTheDiagnosticLeavesOpenIsNoticed(t *testing.T) {
	const popup = "https://doctor.diag.test/popup"
	own, ours := &stagedFrame{url: "https://pay.merchant.test/help"}, &stagedFrame{url: popup}
	for name, test := range map[string]struct {
		page staged
		left []string
	}{
		"left open":                   {staged{opened: []Frame{ours}}, []string{popup}},
		"closed in a while":           {staged{opened: []Frame{ours}, looks: 4}, nil},
		"the page's own, from before": {staged{windows: []Frame{own}}, nil},
		"none":                        {staged{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				page := test.page
				seen, err := drive(t.Context(), &page, scene{Lab: stage{}}, &Scenario{Mode: Embed})
				require.NoError(t, err)
				assert.Equal(t, test.left, seen.leftOpen)
			})
		})
	}
}

// silent is a page whose browser says nothing of its windows.
type silent struct{ staged }

func (*silent) Windows(ctx context.Context) ([]Frame, error) {
	<-ctx.Done()
	return nil, context.Cause(ctx)
}

// TestWindowsThatCannotBeLookedAtAreNotClosed: that nothing was seen of them
// does not mean that none is left open.
func TestWindowsThatCannotBeLookedAtAreNotClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left, err := windowsLeft(t.Context(), &silent{}, nil)
		require.EqualError(t, err, "look for windows that are left open: context deadline exceeded")
		assert.Empty(t, left)
	})
}

// outer is a page around another one. It tells what it is asked.
type outer struct {
	Page
	did []string
}

func (p *outer) Eval(_ context.Context, js string, out any) error {
	switch out := out.(type) {
	case *string:
		*out = `iframe[name="pay"]`
	case *struct{ X, Y float64 }:
		out.X, out.Y = 100, 200
	default:
		p.did = append(p.did, "eval "+js)
	}
	return nil
}

func (p *outer) Until(_ context.Context, js string) error {
	p.did = append(p.did, "until "+js)
	return nil
}

func (p *outer) Click(_ context.Context, css string) error {
	p.did = append(p.did, "click "+css)
	return nil
}

func (p *outer) Hover(_ context.Context, css string) error {
	p.did = append(p.did, "hover "+css)
	return nil
}

func (p *outer) ClickAt(_ context.Context, x, y float64) error {
	p.did = append(p.did, fmt.Sprintf("click at %g, %g", x, y))
	return nil
}

func TestAPaymentPageInAFrameIsDrivenWithinIt(t *testing.T) {
	around := &outer{}
	page, err := inPaymentFrame(t.Context(), around)
	require.NoError(t, err)
	require.NoError(t, page.Eval(t.Context(), "document.title", nil))
	require.NoError(t, page.Until(t.Context(), "document.body"))
	require.NoError(t, page.Click(t.Context(), "#pay"))
	require.NoError(t, page.Hover(t.Context(), element))
	require.NoError(t, page.ClickAt(t.Context(), 7, 9))
	const within = `(document.querySelector("iframe[name=\"pay\"]")?.contentDocument ?? document)`
	assert.Equal(t, []string{
		"eval ((document) => (document.title))" + within, "until ((document) => (document.body))" + within,
		`click iframe[name="pay"] >>> #pay`, `hover iframe[name="pay"] >>> checkout-doctor`, "click at 107, 209",
	}, around.did)
}
