package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"checkoutdoctor/probe/lab"
)

// browser is a running Firefox with a profile of its own.
type browser struct {
	*connection
	command *exec.Cmd
	dir     string // home, profile and downloads; removed in the end
}

// preferences are values by name, as in about:config.
type preferences map[string]any

// quiet keeps Firefox from asking for anything but the lab.
var quiet = preferences{
	"app.normandy.enabled":                       false,
	"app.update.disabledForTesting":              true,
	"browser.aboutwelcome.enabled":               false,
	"browser.newtabpage.enabled":                 false,
	"browser.safebrowsing.downloads.enabled":     false,
	"browser.safebrowsing.malware.enabled":       false,
	"browser.safebrowsing.phishing.enabled":      false,
	"browser.shell.checkDefaultBrowser":          false,
	"browser.startup.page":                       0,
	"datareporting.policy.dataSubmissionEnabled": false,
	"datareporting.usage.uploadEnabled":          false,
	"dom.push.connection.enabled":                false,
	"extensions.getAddons.cache.enabled":         false,
	"extensions.systemAddon.update.enabled":      false,
	"extensions.update.enabled":                  false,
	"media.gmp-manager.updateEnabled":            false,
	"network.captive-portal-service.enabled":     false,
	"network.connectivity-service.enabled":       false,
	"network.trr.mode":                           5, // off by choice: the machine's resolver
	"services.settings.server":                   "data:,#",
	"toolkit.telemetry.server":                   "",
}

// asUsersHave keeps Firefox from changing itself because it is driven: among
// much else, it would let every pop-up through.
var asUsersHave = preferences{
	"remote.prefs.recommended": false,
}

// toLab leads Firefox to the lab: its hosts are this machine, and the port of
// HTTPS is the lab's.
func toLab(l *lab.Lab) (preferences, error) {
	_, port, err := net.SplitHostPort(l.Address())
	if err != nil {
		return nil, fmt.Errorf("look for the lab's port: %w", err)
	}
	return preferences{
		"network.dns.localDomains": strings.Join(l.Hosts(), ","),
		"network.dns.disableIPv6":  true,
		"network.socket.forcePort": "443=" + port,
	}, nil
}

// start starts Firefox with a fresh profile that finds the lab, trusts it and
// has the preferences. It has to be closed.
func start(ctx context.Context, l *lab.Lab, prefs preferences) (*browser, error) {
	dir, err := os.MkdirTemp("", "checkout-doctor-firefox-")
	if err != nil {
		return nil, fmt.Errorf("make a profile: %w", err)
	}
	b := &browser{dir: dir}
	if err := b.launch(ctx, l, prefs); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *browser) launch(ctx context.Context, l *lab.Lab, prefs preferences) error {
	if err := b.prefer(l, prefs); err != nil {
		return err
	}
	if err := b.trust(ctx, l); err != nil {
		return err
	}
	program, err := find()
	if err != nil {
		return err
	}
	b.command = exec.CommandContext(ctx, program, "--headless", "--no-remote", "--profile", b.dir,
		"--remote-debugging-port", "0", "--remote-allow-origins", origin)
	b.command.Env = append(os.Environ(), "HOME="+b.dir, "TZ=UTC")
	output, err := b.command.StderrPipe()
	if err != nil {
		return fmt.Errorf("start Firefox: %w", err)
	}
	if err := b.command.Start(); err != nil {
		return fmt.Errorf("start Firefox: %w", err)
	}
	address, err := listening(output)
	if err != nil {
		return err
	}
	if b.connection, err = dial(ctx, address); err != nil {
		return err
	}
	return b.call(ctx, "session.new", map[string]any{"capabilities": map[string]any{}}, nil)
}

func find() (string, error) {
	for _, name := range []string{"firefox-esr", "firefox"} {
		if program, err := exec.LookPath(name); err == nil {
			return program, nil
		}
	}
	return "", errors.New("there is no Firefox: install firefox-esr, on Debian by: sudo apt-get install firefox-esr")
}

// prefer writes the profile's preferences.
func (b *browser) prefer(l *lab.Lab, prefs preferences) error {
	way, err := toLab(l)
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, set := range []preferences{quiet, asUsersHave, way, prefs} {
		for name, value := range set {
			fmt.Fprintf(&text, "user_pref(%q, %#v);\n", name, value)
		}
	}
	if err := os.WriteFile(filepath.Join(b.dir, "user.js"), []byte(text.String()), 0o600); err != nil {
		return fmt.Errorf("write Firefox's preferences: %w", err)
	}
	return nil
}

// trust writes the profile's certificate database, with the lab's CA.
func (b *browser) trust(ctx context.Context, l *lab.Lab) error {
	database := "sql:" + b.dir
	for _, args := range [][]string{
		{"-N", "--empty-password", "-d", database},
		{"-A", "-n", "lab", "-t", "C,,", "-i", l.CAFile(), "-d", database},
	} {
		if output, err := exec.CommandContext(ctx, "certutil", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("let Firefox trust the lab: certutil: %w: %s", err, output)
		}
	}
	return nil
}

var listens = regexp.MustCompile(`WebDriver BiDi listening on (ws://\S+)`)

// listening returns the address that Firefox says it listens on. What it says
// afterwards is read and dropped.
func listening(output io.Reader) (address string, err error) {
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if m := listens.FindStringSubmatch(lines.Text()); m != nil {
			go io.Copy(io.Discard, output)
			return m[1], nil
		}
	}
	return "", errors.Join(errors.New("the browser ended before it could be driven"), lines.Err())
}

// endLimit is how long Firefox may take to end in good order.
const endLimit = 5 * time.Second

// close ends Firefox and removes its files.
func (b *browser) close() error {
	if b.command != nil && b.command.Process != nil {
		b.end()
	}
	return os.RemoveAll(b.dir)
}

func (b *browser) end() {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.command.Wait() // its exit status says nothing that the report does not
	}()
	if b.connection != nil {
		ctx, cancel := context.WithTimeout(context.Background(), endLimit)
		defer cancel()
		b.call(ctx, "browser.close", map[string]any{}, nil)
		b.socket.Close()
	}
	select {
	case <-ended:
	case <-time.After(endLimit):
		b.command.Process.Kill()
		<-ended
	}
}
