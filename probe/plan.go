package probe

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"checkoutdoctor/probe/hint"
)

// ErrNoneSelected says that no scenario matched what was asked for.
var ErrNoneSelected = errors.New("no scenario matched")

// A Selection says which scenarios to run. What is empty selects all.
type Selection struct {
	Names []string       // NAME, FAMILY/NAME or FAMILY, also of a file with variants; each must match something
	Tags  []string       // any of these
	Run   *regexp.Regexp // matched against FAMILY/NAME and the scenario's title
}

// Select returns the scenarios that the selection asks for, in their order.
// The error is ErrNoneSelected, with what was meant where that can be guessed.
func Select(all []Scenario, sel Selection) ([]Scenario, error) {
	if err := sel.known(all); err != nil {
		return nil, err
	}
	var chosen []Scenario
	for _, s := range all {
		if sel.byName(s) && sel.byTag(s) && sel.byPattern(s) {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNoneSelected, sel)
	}
	return chosen, nil
}

// known finds names and tags that match nothing at all.
func (sel Selection) known(all []Scenario) error {
	for _, name := range sel.Names {
		if !slices.ContainsFunc(all, func(s Scenario) bool { return s.is(name) }) {
			return fmt.Errorf("%w: none is called %s%s", ErrNoneSelected, name, hint.DidYouMean(name, names(all)))
		}
	}
	for _, tag := range sel.Tags {
		if !slices.Contains(Tags(), tag) {
			return fmt.Errorf("%w: there is no tag %s%s", ErrNoneSelected, tag, hint.DidYouMean(tag, Tags()))
		}
	}
	return nil
}

// is reports whether the scenario goes by the name.
func (s *Scenario) is(name string) bool { return slices.Contains(s.names(), name) }

// names returns the names that the scenario goes by. Those of its file stand
// for all of the file's variants.
func (s *Scenario) names() []string {
	file := idOf(s.File)
	return []string{s.Base(), s.ID, s.Family(), path.Base(file), file}
}

func names(all []Scenario) []string {
	var list []string
	for _, s := range all {
		list = append(list, s.names()...)
	}
	return list
}

func (sel Selection) byName(s Scenario) bool {
	return len(sel.Names) == 0 || slices.ContainsFunc(sel.Names, s.is)
}

func (sel Selection) byTag(s Scenario) bool {
	return len(sel.Tags) == 0 ||
		slices.ContainsFunc(sel.Tags, func(tag string) bool { return slices.Contains(s.Tags, tag) })
}

func (sel Selection) byPattern(s Scenario) bool {
	return sel.Run == nil || sel.Run.MatchString(s.ID) || sel.Run.MatchString(s.Name)
}

// String words what was asked for, for the error.
func (sel Selection) String() string {
	var parts []string
	if len(sel.Names) > 0 {
		parts = append(parts, "named "+hint.List(sel.Names))
	}
	if len(sel.Tags) > 0 {
		parts = append(parts, "tagged "+hint.List(sel.Tags))
	}
	if sel.Run != nil {
		parts = append(parts, "matching "+sel.Run.String())
	}
	if len(parts) == 0 {
		return "there are none"
	}
	return strings.Join(parts, ", ")
}

// Unique returns an error if two of the scenarios have the same name. A name
// stands for one scenario on the command line and in a folder of records.
func Unique(all []Scenario) error {
	first := make(map[string]string, len(all))
	for _, s := range all {
		if file, taken := first[s.Base()]; taken {
			return fmt.Errorf("two scenarios are called %s: %s and %s", s.Base(), file, s.File)
		}
		first[s.Base()] = s.File
	}
	return nil
}

// task is one run of one scenario.
type task struct {
	index    int // of the scenario in the plan
	round    int // of the repetition, from 0
	scenario *Scenario
}

// schedule orders the tasks so that those of one launch profile follow each
// other: then a browser lives only as long as it is needed, and no more of
// them live at once than there are workers.
func schedule(scenarios []Scenario, repeat int) []task {
	var tasks []task
	for i := range scenarios {
		for round := range repeat {
			tasks = append(tasks, task{index: i, round: round, scenario: &scenarios[i]})
		}
	}
	order := make(map[string]int)
	for _, t := range tasks {
		if key := t.key(); order[key] == 0 {
			order[key] = len(order) + 1
		}
	}
	slices.SortStableFunc(tasks, func(a, b task) int { return cmp.Compare(order[a.key()], order[b.key()]) })
	return tasks
}

// key is equal for tasks that share a browser. One with a fault of the browser's
// tunnel has it to itself: the fault is in every context.
func (t task) key() string {
	key := t.scenario.Profile.key()
	if len(t.scenario.codes(InTunnel)) > 0 {
		key += fmt.Sprintf(" %d %d", t.index, t.round)
	}
	return key
}

// key is equal for equal profiles.
func (p Profile) key() string {
	return fmt.Sprintf("%d %q", p.Zoom, append([]string{p.ThirdPartyCookies, p.Cookies, p.LocalNetwork, p.Tunnel}, p.Extensions...))
}
