package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// tab is the browser's first tab.
type tab struct {
	*connection
	id string
}

// place is a document that the browser shows, in a tab or in a frame, with
// those within it.
type place struct {
	Context  string  `json:"context"`
	Children []place `json:"children"`
}

// firstTab returns the tab that a fresh browser has.
func firstTab(ctx context.Context, c *connection) (*tab, error) {
	places, err := c.places(ctx)
	if err != nil {
		return nil, err
	}
	if len(places) == 0 {
		return nil, errors.New("look for a tab: Firefox has none")
	}
	return &tab{c, places[0].Context}, nil
}

func (c *connection) places(ctx context.Context) ([]place, error) {
	var tree struct {
		Contexts []place `json:"contexts"`
	}
	if err := c.call(ctx, "browsingContext.getTree", map[string]any{}, &tree); err != nil {
		return nil, fmt.Errorf("look for tabs and frames: %w", err)
	}
	return tree.Contexts, nil
}

// others returns every place but the tab itself: its frames and theirs, and
// the windows that it opened.
func (t *tab) others(ctx context.Context) ([]string, error) {
	places, err := t.places(ctx)
	if err != nil {
		return nil, err
	}
	var all []string
	for len(places) > 0 {
		all = append(all, places[0].Context)
		places = append(places[1:], places[0].Children...)
	}
	return slices.DeleteFunc(all, func(id string) bool { return id == t.id }), nil
}

// open navigates and waits for the document's load event.
func (t *tab) open(ctx context.Context, url string) error {
	return t.call(ctx, "browsingContext.navigate", map[string]any{"context": t.id, "url": url, "wait": "complete"}, nil)
}

// value is what a script gave: text, or a node that can be pointed at.
type value struct {
	Value    any    `json:"value"`
	SharedID string `json:"sharedId"`
}

// evaluate runs a script in a place. It is no user gesture.
func (t *tab) evaluate(ctx context.Context, in, script string) (value, error) {
	var outcome struct {
		Result    value `json:"result"`
		Exception *struct {
			Text string `json:"text"`
		} `json:"exceptionDetails"`
	}
	err := t.call(ctx, "script.evaluate", map[string]any{
		"expression": script, "target": map[string]any{"context": in}, "awaitPromise": false,
		"serializationOptions": map[string]any{"maxDomDepth": 0},
	}, &outcome)
	if err == nil && outcome.Exception != nil {
		err = &refusal{"script.evaluate", "exception", outcome.Exception.Text}
	}
	return outcome.Result, err
}

// text runs a script that gives text.
func (t *tab) text(ctx context.Context, script string) (string, error) {
	v, err := t.evaluate(ctx, t.id, script)
	text, _ := v.Value.(string)
	return text, err
}

// element is something in a place that can be clicked.
type element struct{ place, sharedID string }

// find scrolls to the element that the script gives; nil where it gives none.
func (t *tab) find(ctx context.Context, in, script string) (*element, error) {
	const scrolled = `((element) => {
	element?.scrollIntoView({block: "center", behavior: "instant"})
	return element
})(%s)`
	found, err := t.evaluate(ctx, in, fmt.Sprintf(scrolled, script))
	if err != nil || found.SharedID == "" {
		return nil, err
	}
	return &element{in, found.SharedID}, nil
}

// click clicks the element's middle with the mouse, which is a user gesture.
func (t *tab) click(ctx context.Context, e element) error {
	middle := map[string]any{"type": "element", "element": map[string]any{"sharedId": e.sharedID}}
	mouse := map[string]any{"type": "pointer", "id": "mouse", "actions": []any{
		map[string]any{"type": "pointerMove", "x": 0, "y": 0, "origin": middle},
		map[string]any{"type": "pointerDown", "button": 0},
		map[string]any{"type": "pointerUp", "button": 0},
	}}
	return t.call(ctx, "input.performActions", map[string]any{"context": e.place, "actions": []any{mouse}}, nil)
}

// unlessRefused drops the error of a place that did not do what it was asked: it
// is gone, or on its way to another document, and the next look finds that.
func unlessRefused(err error) error {
	if _, refused := errors.AsType[*refusal](err); refused {
		return nil
	}
	return err
}
