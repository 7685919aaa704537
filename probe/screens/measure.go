package screens

import (
	"context"
	_ "embed" // for the script
	"encoding/json"
	"fmt"

	"checkoutdoctor/web"
)

// measureScript declares what measures the page.
//
//go:embed measure.js
var measureScript string

// Flaw is something that is wrong with what is shown.
type Flaw struct {
	state   string
	Where   string // state, language and device
	What    string
	Element string
	Text    string // of the element, or of what is wrong in it
}

func (f Flaw) String() string {
	return fmt.Sprintf("%s: %s: %s %q", f.Where, f.Element, f.What, f.Text)
}

// Where names the state, the language and the device.
func (p *Page) Where() string {
	where := fmt.Sprintf("%s in %s at %d px", p.State.Name, p.Language, p.device.Width)
	if p.device.ColorScheme == dark {
		where += ", dark"
	}
	return where
}

// Measure returns what overflows, is clipped, leaves its place, cannot be hit,
// is not mirrored or not drawn.
func (p *Page) Measure(ctx context.Context) ([]Flaw, error) {
	words, err := web.Locale(p.Language)
	if err != nil {
		return nil, err
	}
	return p.flaws(ctx, fmt.Sprintf("(() => {\nconst DIRECTION = %q\n%s\nreturn measureAll()\n})()", words.Direction, measureScript))
}

// MeasureTitles returns what is wrong with each of the titles as the headline of
// the report that is shown.
func (p *Page) MeasureTitles(ctx context.Context, titles []string) ([]Flaw, error) {
	quoted, err := json.Marshal(titles)
	if err != nil {
		return nil, err
	}
	return p.flaws(ctx, fmt.Sprintf("(() => {\n%s\nreturn measureTitles(%s)\n})()", measureScript, quoted))
}

// Undrawn returns the characters of the text that no font of the page's body has.
func (p *Page) Undrawn(ctx context.Context, text string) (list []string, err error) {
	quoted, err := json.Marshal(text)
	if err != nil {
		return nil, err
	}
	script := fmt.Sprintf("(() => {\n%s\nreturn undrawn(%s, getComputedStyle(document.body))\n})()", measureScript, quoted)
	return list, p.Eval(ctx, script, &list)
}

// flaws runs the script, which returns a list of them.
func (p *Page) flaws(ctx context.Context, script string) (list []Flaw, err error) {
	if err := p.Eval(ctx, script, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Where(), err)
	}
	for i := range list {
		list[i].Where, list[i].state = p.Where(), p.State.Name
	}
	return list, nil
}
