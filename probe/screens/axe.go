package screens

import (
	"context"
	"fmt"
)

// axePrefix begins what axe-core says.
const axePrefix = "axe: "

// runAxe asks axe-core for every rule of WCAG 2.0 to 2.2, A and AA, and its best
// practices. The size of targets is a rule that it leaves out by itself.
const runAxe = `(async () => {
	const {violations} = await axe.run(document, {
		runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
		rules: {"target-size": {enabled: true}},
		resultTypes: ["violations"],
	})
	return violations.flatMap(({id, help, nodes}) => nodes.map(({target, html, any, all, none}) => ({
		what: "` + axePrefix + `" + id + ": " + ([...any, ...all, ...none][0]?.message ?? help), element: target.flat().join(" "), text: html.slice(0, 160),
	})))
})()`

// Axe returns what axe-core finds wrong.
func (p *Page) Axe(ctx context.Context) ([]Flaw, error) {
	var there bool
	if err := p.Eval(ctx, `"axe" in globalThis`, &there); err != nil {
		return nil, err
	}
	if !there {
		if err := p.Eval(ctx, p.studio.axe+"\n;undefined", nil); err != nil {
			return nil, fmt.Errorf("load axe-core: %w", err)
		}
	}
	return p.flaws(ctx, runAxe)
}
