package screens

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteTable writes how many pictures there are of each state and how many flaws
// they have, then each flaw.
func (a *Album) WriteTable(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STATE\tPICTURES\tMEASURED\tAXE")
	for _, state := range States() {
		pictures, measured, axe := a.count(state.Name)
		if pictures+measured+axe == 0 {
			continue // it was not asked for
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\n", state.Name, pictures, outcome(measured), outcome(axe))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, flaw := range a.Flaws {
		if _, err := fmt.Fprintln(w, flaw); err != nil {
			return err
		}
	}
	return nil
}

// count returns how many pictures and flaws a state has.
func (a *Album) count(state string) (pictures, measured, axe int) {
	for _, shot := range a.Shots {
		if shot.State == state {
			pictures++
		}
	}
	for _, flaw := range a.Flaws {
		switch {
		case flaw.state != state:
		case strings.HasPrefix(flaw.What, axePrefix):
			axe++
		default:
			measured++
		}
	}
	return pictures, measured, axe
}

func outcome(flaws int) string {
	if flaws == 0 {
		return "ok"
	}
	return fmt.Sprintf("%d wrong", flaws)
}
