package chrome

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"checkoutdoctor/probe"
)

// The values of a profile's settings that forbid something.
const (
	block = "block"
	deny  = "deny"
)

// dir is the directory that one browser has to itself: home, profile,
// temporary files and extensions.
type dir struct{ root string }

func (d *dir) home() string                 { return filepath.Join(d.root, "home") }
func (d *dir) profile() string              { return filepath.Join(d.root, "profile") }
func (d *dir) temp() string                 { return d.root } // not below it: see tempBase
func (d *dir) output() string               { return filepath.Join(d.root, "output") }
func (d *dir) extension(name string) string { return filepath.Join(d.root, "extensions", name) }

// newDir makes and fills the directory of a browser with the profile.
func newDir(ctx context.Context, o Options, p probe.Profile) (*dir, error) {
	root, err := os.MkdirTemp(tempBase(os.TempDir()), "checkoutdoctor-")
	if err != nil {
		return nil, err
	}
	d := &dir{root: root}
	if err := d.fill(ctx, o, p); err != nil {
		return nil, errors.Join(err, os.RemoveAll(root))
	}
	return d, nil
}

// tempBase returns where browsers' directories are made: in wanted, unless its
// path is so long that the browser cannot bind the socket that it keeps in its
// temporary files, and does not start ("Socket path too long").
func tempBase(wanted string) string {
	const (
		most  = 103 // bytes of a socket's path; 107 on Linux (unix(7)), fewer on others
		below = len("/checkoutdoctor-4294967295/.org.chromium.Chromium.abcdef/SingletonSocket")
		short = "/tmp"
	)
	if len(wanted)+below <= most {
		return wanted
	}
	return short
}

func (d *dir) fill(ctx context.Context, o Options, p probe.Profile) error {
	for _, path := range []string{d.home(), filepath.Join(d.profile(), "Default")} {
		if err := os.MkdirAll(path, 0o700); err != nil {
			return err
		}
	}
	if err := d.writePreferences(o, p); err != nil {
		return err
	}
	if err := d.writeExtensions(o.Extensions, p.Extensions); err != nil {
		return err
	}
	if o.CAPEM == nil {
		return nil
	}
	return d.trust(ctx, o.CAPEM)
}

// writePreferences writes what the browser would have kept had the user set
// it. The settings hold in every context of the browser.
func (d *dir) writePreferences(o Options, p probe.Profile) error {
	const allowAll, blockThirdParty, contentBlock = 0, 1, 2
	profile := map[string]any{"cookie_controls_mode": allowAll}
	if p.ThirdPartyCookies == block {
		profile["cookie_controls_mode"] = blockThirdParty
	}
	content := map[string]any{}
	if p.Cookies == block {
		content["cookies"] = contentBlock
	}
	if p.LocalNetwork == deny {
		content["local_network"], content["loopback_network"] = contentBlock, contentBlock
	}
	profile["default_content_setting_values"] = content
	if p.Cookies == probe.BlockSite {
		if o.PageHost == "" {
			return errors.New("block the cookies of the payment page's site: no host of it is given")
		}
		pattern := "[*.]" + o.PageHost + ",*" // the host with those below it, within whatever page
		profile["content_settings"] = map[string]any{
			"exceptions": map[string]any{"cookies": map[string]any{pattern: map[string]any{"setting": contentBlock}}},
		}
	}
	preferences := map[string]any{"profile": profile}
	if p.Zoom != 0 {
		preferences["partition"] = map[string]any{"default_zoom_level": map[string]any{"x": zoomLevel(p.Zoom)}}
	}
	data, err := json.Marshal(preferences)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.profile(), "Default", "Preferences"), data, 0o600)
}

// zoomLevel returns what the browser keeps of a zoom in per cent: each level is
// a fifth larger than the one before.
func zoomLevel(percent int) float64 { return math.Log(float64(percent)/100) / math.Log(1.2) }

// writeExtensions writes the files of the named extensions.
func (d *dir) writeExtensions(files func(string) (map[string][]byte, error), names []string) error {
	for _, name := range names {
		if files == nil {
			return fmt.Errorf("extension %q: there are no extensions", name)
		}
		contents, err := files(name)
		if err != nil {
			return fmt.Errorf("extension %q: %w", name, err)
		}
		for path, data := range contents {
			path = filepath.Join(d.extension(name), filepath.FromSlash(path))
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return err
			}
			if err := os.WriteFile(path, data, 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// printed returns the beginning of what the browser printed, for the error of a
// start that failed.
func (d *dir) printed() string {
	const limit = 4 << 10 // bytes
	text, err := os.ReadFile(d.output())
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(text[:min(len(text), limit)]))
}

// trust makes a certificate database in the browser's home that trusts the
// authorities. It is the one way in which certificates are still validated in
// full, errors are still errors, and the HTTP cache works: it does not for
// pages whose certificate errors are ignored.
func (d *dir) trust(ctx context.Context, pem []byte) error {
	certutil, err := exec.LookPath("certutil")
	if err != nil {
		return fmt.Errorf("%w: %w; %s", probe.ErrNoBrowser, err, advice)
	}
	database := filepath.Join(d.home(), ".pki", "nssdb")
	if err := os.MkdirAll(database, 0o700); err != nil {
		return err
	}
	run := func(args ...string) error {
		cmd := exec.CommandContext(ctx, certutil, append(args, "-d", "sql:"+database)...)
		cmd.Stdin = bytes.NewReader(pem)
		out, err := cmd.CombinedOutput()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return fmt.Errorf("certutil %s: %w: %s", args[0], err, bytes.TrimSpace(out))
		}
		return nil
	}
	if err := run("-N", "--empty-password"); err != nil {
		return err
	}
	return run("-A", "-n", "checkout doctor", "-t", "C,,", "-a")
}

// remove removes the directory. Processes of a killed browser can write for a
// moment longer, so it tries again for a while.
func (d *dir) remove() error {
	const limit, pause = 5 * time.Second, 20 * time.Millisecond
	deadline := time.Now().Add(limit)
	for {
		err := os.RemoveAll(d.root)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(pause)
	}
}
