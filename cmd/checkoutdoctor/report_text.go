package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

// textWidth is how wide a terminal is taken to be.
const textWidth = 80

// text is the view for a terminal.
func (v *reportView) text() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s (%s)\n\n", visible(v.Title), visible(string(v.Verdict)))
	rows := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	for _, r := range v.About {
		fmt.Fprintf(rows, "  %s\t%s\n", r.Name, visible(r.Value))
	}
	rows.Flush()
	for i, f := range v.Findings {
		f.write(&out, i+1)
	}
	if v.More {
		out.WriteString("\nThere is more that the code has no room for; the report has it.\n")
	}
	v.writeHidden(&out)
	v.writeNotChecked(&out)
	v.writeVPN(&out)
	writeFacts(&out, "Browser", v.Browser)
	writeFacts(&out, "Network", v.Network)
	return out.Bytes()
}

func (f findingView) write(out *bytes.Buffer, number int) {
	fmt.Fprintf(out, "\n%d. %s\n", number, visible(f.Title))
	fmt.Fprintf(out, "   %s: %s, %s\n", visible(string(f.Code)), visible(string(f.Severity)), visible(f.Confidence))
	for _, text := range []string{f.Text, f.Variant} {
		wrapped(out, "   ", "   ", text)
	}
	f.writeList(out, "One of these, which cannot be told apart from there:", f.OneOf)
	if len(f.Evidence) > 0 {
		out.WriteString("   It is based on:\n")
	}
	for _, e := range f.Evidence {
		expected := ""
		if e.Expected != "" {
			expected = fmt.Sprintf(" (expected: %s)", e.Expected)
		}
		wrapped(out, "   - ", "     ", e.Fact+" = "+e.Value+expected)
		wrapped(out, "     ", "     ", e.Doc)
	}
	if len(f.Fixes) > 0 {
		out.WriteString("   What to do:\n")
	}
	for i, x := range f.Fixes {
		wrapped(out, fmt.Sprintf("   %d. ", i+1), "      ", fmt.Sprintf("%s (for %s)", x.Title, x.For))
		for _, step := range x.Steps {
			wrapped(out, "      - ", "        ", step)
		}
	}
	f.writeList(out, "Not suggested here:", f.LeftOut)
}

func (f findingView) writeList(out *bytes.Buffer, title string, items []string) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(out, "   %s\n", title)
	for _, item := range items {
		wrapped(out, "   - ", "     ", item)
	}
}

func (v *reportView) writeHidden(out *bytes.Buffer) {
	if len(v.Hidden) == 0 {
		return
	}
	out.WriteString("\nSymptoms of what was found\n")
	for _, h := range v.Hidden {
		wrapped(out, "  - ", "    ", fmt.Sprintf("%s, by %s", h.Code, h.Because))
	}
}

func (v *reportView) writeNotChecked(out *bytes.Buffer) {
	if len(v.NotChecked) == 0 {
		return
	}
	out.WriteString("\nNot checked\n")
	for _, n := range v.NotChecked {
		wrappedList(out, "  - ", "    ", n.Why+":", n.What)
	}
}

func (v *reportView) writeVPN(out *bytes.Buffer) {
	if len(v.Signals) == 0 {
		return
	}
	fmt.Fprintf(out, "\nWhat speaks for a VPN (%s)\n", visible(string(v.VPN)))
	for _, s := range v.Signals {
		wrapped(out, "  - ", "    ", s)
	}
}

func writeFacts(out *bytes.Buffer, title string, list []factView) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s\n", title)
	rows := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, f := range list {
		fmt.Fprintf(rows, "  %s\t%s\n", visible(f.Name), visible(f.Value))
	}
	rows.Flush()
}

// wrapped writes the text, made visible, in lines of the terminal's width.
func wrapped(out *bytes.Buffer, first, next, text string) {
	if text != "" {
		wrap(out, first, next, visible(text))
	}
}

// wrappedList writes an introduction and what it introduces, each made visible, in
// lines of the terminal's width.
func wrappedList(out *bytes.Buffer, first, next, intro string, items []string) {
	shown := make([]string, len(items))
	for i, item := range items {
		shown[i] = visible(item)
	}
	wrap(out, first, next, visible(intro)+" "+strings.Join(shown, ", "))
}

// wrap writes the words in lines of the terminal's width. One that is wider has a
// line to itself.
func wrap(out *bytes.Buffer, first, next, words string) {
	out.WriteString(first)
	column := utf8.RuneCountInString(first)
	start := column
	for word := range strings.FieldsSeq(words) {
		width := utf8.RuneCountInString(word)
		switch {
		case column == start:
		case column+1+width > textWidth:
			out.WriteString("\n" + next)
			column = utf8.RuneCountInString(next)
			start = column
		default:
			out.WriteByte(' ')
			column++
		}
		out.WriteString(word)
		column += width
	}
	out.WriteByte('\n')
}

// maxShown bounds what is shown of one string, in characters. No word of a
// report's is as long.
const maxShown = 500

// visible returns the text with all that a terminal would act upon, or not show,
// in the form of Go's escapes: control characters, escape sequences, and what
// turns the direction of writing. It is cut where it is longer than any of ours.
func visible(text string) string {
	var out strings.Builder
	shown := 0
	for i, r := range text {
		if shown++; shown > maxShown {
			fmt.Fprintf(&out, "… (%d bytes more)", len(text)-i)
			break
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&out, `\x%02x`, text[i])
		case strconv.IsPrint(r):
			out.WriteRune(r)
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			out.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return out.String()
}
