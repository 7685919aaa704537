package probe

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// maxLaunches is how often a profile's browser is started in one run: once,
// and once more when it ended by itself.
const maxLaunches = 2

// launchLimit is how long a browser may take to start, on a machine under load
// too. One that starts and never answers would otherwise stop the whole run.
const launchLimit = time.Minute

// pool holds the browsers that are in use: one for each launch profile, but for
// tasks that need one to themselves.
type pool struct {
	launcher Launcher

	mu    sync.Mutex
	slots map[string]*slot
}

// slot is the place of one browser.
type slot struct {
	mu       sync.Mutex
	browser  Browser // nil while there is none
	launches int
	left     int   // tasks that still need the browser
	broken   error // why there will be none any more
}

// newPool returns a pool for the tasks. It starts nothing yet.
func newPool(launcher Launcher, tasks []task) *pool {
	p := &pool{launcher: launcher, slots: make(map[string]*slot)}
	for _, t := range tasks {
		key := t.key()
		if p.slots[key] == nil {
			p.slots[key] = &slot{}
		}
		p.slots[key].left++
	}
	return p
}

func (p *pool) slot(t task) *slot {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.slots[t.key()]
}

// acquire returns the task's browser, and starts it if it does not run.
func (p *pool) acquire(ctx context.Context, t task) (Browser, error) {
	s := p.slot(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.browser != nil || s.broken != nil {
		return s.browser, s.broken
	}
	if s.launches == maxLaunches {
		return nil, fmt.Errorf("%w: it ended %d times and is not started again", ErrBrowserGone, maxLaunches)
	}
	browser, err := p.launch(ctx, t.scenario.Profile)
	if err != nil {
		err = fmt.Errorf("start a browser: %w", err)
		if ctx.Err() == nil {
			s.broken = err
		}
		return nil, err
	}
	s.launches++
	s.browser = browser
	return browser, nil
}

// launch starts a browser, within a limit.
func (p *pool) launch(ctx context.Context, profile Profile) (Browser, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, launchLimit, fmt.Errorf("%w: it did not answer within %s", ErrNoBrowser, launchLimit))
	defer cancel()
	return p.launcher.Launch(ctx, profile)
}

// lost says that the browser ended by itself. The next acquire starts another.
func (p *pool) lost(t task, browser Browser) error {
	s := p.slot(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.browser != browser {
		return nil
	}
	s.browser = nil
	return closing(browser)
}

// release says that one task is done with. The last task of a browser ends it.
func (p *pool) release(t task) error {
	s := p.slot(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left--
	if s.left > 0 || s.browser == nil {
		return nil
	}
	browser := s.browser
	s.browser = nil
	return closing(browser)
}

// close ends every browser that still runs.
func (p *pool) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, s := range p.slots {
		s.mu.Lock()
		if s.browser != nil {
			errs = append(errs, closing(s.browser))
			s.browser = nil
		}
		s.mu.Unlock()
	}
	return errors.Join(errs...)
}

func closing(b Browser) error {
	if err := b.Close(); err != nil {
		return fmt.Errorf("close a browser: %w", err)
	}
	return nil
}
