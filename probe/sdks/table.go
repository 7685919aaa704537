package sdks

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"checkoutdoctor/wasm/diagnosis"
)

// WriteTable writes the rows as a Markdown table: the fault, and for each SDK
// what it said and what the diagnosis said on the same page.
func WriteTable(w io.Writer, rows []Row) error {
	head := []string{"Fault"}
	for _, sdk := range All() {
		head = append(head, sdk.Name, "Checkout Doctor beside it")
	}
	table := [][]string{head}
	for _, row := range rows {
		line := []string{"none"}
		if row.Fault != "" {
			line[0] = "`" + row.Fault + "`"
		}
		for _, sdk := range All() {
			p := row.Payments[sdk.Name]
			line = append(line, said(p), found(p))
		}
		table = append(table, line)
	}
	return writeMarkdown(w, table)
}

// said words what an SDK said last of a payment, which is what its page has to
// go by, and after how many seconds.
func said(p Payment) string {
	if len(p.Said) == 0 {
		return "nothing"
	}
	last := p.Said[len(p.Said)-1]
	text := fmt.Sprintf("%s (%s)", last.What, seconds(last.At))
	if !p.Ended {
		text += ", then nothing"
	}
	return text
}

func seconds(milliseconds int64) string {
	return strconv.FormatFloat(float64(milliseconds)/1000, 'f', 1, 64) + " s"
}

// found words the findings that explain a failure, notices only where they are
// all that there is, and after how many seconds it came by itself.
func found(p Payment) string {
	var failures, notices []string
	for _, f := range p.Report.Findings {
		switch {
		case f.Severity != diagnosis.Notice:
			failures = append(failures, finding(f))
		case f.Code != "payment.nothing-found":
			notices = append(notices, "notice "+finding(f))
		}
	}
	text := strings.Join(failures, "; ")
	if text == "" {
		text = strings.Join(append([]string{string(p.Report.Verdict)}, notices...), "; ")
	}
	if p.Watched > 0 {
		text += fmt.Sprintf(" (%s)", seconds(p.Watched))
	}
	return text
}

func finding(f diagnosis.Finding) string {
	text := fmt.Sprintf("`%s`", f.Code)
	if f.Variant != "" {
		text += " (" + f.Variant + ")"
	}
	text += ", " + string(f.Confidence)
	return text
}

// writeMarkdown aligns the columns, so that the text reads without a renderer.
func writeMarkdown(w io.Writer, table [][]string) error {
	widths := make([]int, len(table[0]))
	for _, line := range table {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	rule := make([]string, len(widths))
	for i, width := range widths {
		rule[i] = strings.Repeat("-", width)
	}
	var text strings.Builder
	for i, line := range table {
		writeLine(&text, line, widths)
		if i == 0 {
			writeLine(&text, rule, widths)
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func writeLine(text *strings.Builder, cells []string, widths []int) {
	for i, cell := range cells {
		fmt.Fprintf(text, "| %s%s ", cell, strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)))
	}
	text.WriteString("|\n")
}
