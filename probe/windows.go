package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// windowLimit is how long the diagnostic's own windows may still be open after
// its report. A browser closes a window when it gets to it.
const windowLimit = 3 * time.Second

// windowsLeft returns the addresses of windows that are still open, and were not
// before the diagnostic was asked: it leaves none behind.
func windowsLeft(ctx context.Context, page Page, before []Frame) (left []string, err error) {
	limited, cancel := context.WithTimeout(ctx, windowLimit)
	defer cancel()
	err = every(limited, func() (bool, error) {
		now, err := page.Windows(limited)
		if err != nil {
			return false, err
		}
		left = nil
		for _, w := range now {
			if !slices.Contains(before, w) {
				left = append(left, w.URL())
			}
		}
		return len(left) == 0, nil
	})
	// A limit that ends before anything was seen says nothing of what is left.
	if err == nil || len(left) > 0 && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return left, nil
	}
	return nil, fmt.Errorf("look for windows that are left open: %w", err)
}

// windowProblems says that the diagnostic did not clean up behind itself.
func windowProblems(left []string) (problems []Problem) {
	for _, url := range left {
		problems = append(problems, Problem{LeftOpen, "the diagnostic opened a window and left it open: " + url})
	}
	return problems
}
