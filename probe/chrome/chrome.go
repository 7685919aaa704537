// Package chrome drives Chromium and its relatives for the probe.
//
// It starts the real browser program, not the wrapper in PATH, with a list of
// flags of its own: the usual ones of automation switch off the very things
// that the probe is about, such as the pop-up blocker and extensions. Each
// browser gets a directory of its own for home, profile and temporary files,
// which is removed with it. Every https://*.test name leads to one address, no
// other name resolves, and a certificate authority is trusted by the browser's
// own certificate database, so that TLS, caches and sites behave as they do on
// the web.
//
// The package is the only one that knows the DevTools protocol.
package chrome

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"checkoutdoctor/probe"
)

// Options say which browser is started and what its network looks like.
type Options struct {
	// ExecPath is the browser's program. Empty means the one that the
	// environment's CHECKOUTDOCTOR_BROWSER names, or else the first of the
	// usual places.
	ExecPath string
	// Address is the host:port that answers for every https://*.test name.
	// No other name resolves, so that nothing leaves the machine. Empty means
	// that *.test does not resolve either.
	Address string
	// Elsewhere are names, of that kind or any other, that lead somewhere else,
	// and where to; empty for a name that does not resolve. Where that is another
	// address, they are what is local where Address counts as public: see
	// [probe.Profile.LocalNetwork].
	Elsewhere map[string]string
	// PageHost is the host of the payment page, whose site's cookies a profile
	// can block. Empty means that none can.
	PageHost string
	// CAPEM are certificates, as PEM, of authorities that the browser trusts
	// for web sites. Nil means none beside its own.
	CAPEM []byte
	// Extensions gives the files of the extension that a profile names, by
	// path within the extension. Nil means that there are none.
	Extensions func(name string) (map[string][]byte, error)
	// Tunnel makes the way that a profile names, for one browser. What the machine
	// does not allow is a *probe.UnsupportedError. Nil means that there is none.
	Tunnel func(ctx context.Context, name string) (Way, error)
}

// A Launcher starts browsers. It implements [probe.Launcher].
type Launcher struct {
	options Options
}

var _ probe.Launcher = (*Launcher)(nil)

// New returns a launcher. The browser is looked for when it is needed.
func New(o Options) *Launcher { return &Launcher{options: o} }

// Engine names the browser and its version, such as "Chromium 156.0", as the
// program itself says. It returns [probe.ErrNoBrowser] when there is none.
func (l *Launcher) Engine(ctx context.Context) (string, error) {
	path, err := find(l.options.ExecPath)
	if err != nil {
		return "", err
	}
	return version(ctx, path)
}

// Launch starts a browser with the profile. ctx limits the start alone: the
// browser lives until it is closed.
func (l *Launcher) Launch(ctx context.Context, p probe.Profile) (probe.Browser, error) {
	path, err := find(l.options.ExecPath)
	if err != nil {
		return nil, err
	}
	if err := supported(path); err != nil {
		return nil, err
	}
	way, err := l.way(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("make the browser's network: %w", err)
	}
	d, err := newDir(ctx, l.options, p)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare the browser's profile: %w", err), way.Close())
	}
	b, err := start(ctx, path, commandLine(l.options.along(way), p, d), d, way)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	if err := b.loadExtensions(ctx, p.Extensions); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// supported reports whether the browser at path can give profiles. The headless
// shell can give none: even the plainest one has the browser's own pop-up rule.
func supported(path string) error {
	if isHeadlessShell(path) {
		return &probe.UnsupportedError{
			What: "a profile with preferences, extensions or a pop-up rule",
			Why:  path + " is a headless shell, which has none of them; " + advice,
		}
	}
	return nil
}

// isHeadlessShell tells the stripped-down flavour by its program's name, so
// that nothing has to be started to know.
func isHeadlessShell(path string) bool {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	name := strings.ReplaceAll(filepath.Base(path), "_", "-")
	return strings.Contains(name, "headless-shell")
}
