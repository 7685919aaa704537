package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"time"

	"checkoutdoctor/web/link"
)

// linkKeeper verifies links with keys that can be read again, so that they can be
// changed without a restart.
type linkKeeper struct {
	flags   *linkKeyFlags
	current atomic.Pointer[link.Verifier]
}

// keeper returns what verifies links; nil where there are no keys.
func (k *linkKeyFlags) keeper() (*linkKeeper, error) {
	verifier, err := k.verifier()
	if err != nil || verifier == nil {
		return nil, err
	}
	l := &linkKeeper{flags: k}
	l.current.Store(verifier)
	return l, nil
}

// source names where the keys are from.
func (k *linkKeyFlags) source() string {
	if k.file == "" {
		return linkKeysVariable
	}
	return "--" + keyFileFlag + " " + k.file
}

// readByOthers tells whether the keys are in a file that others than its owner can
// read. The copies that systemd makes are in a folder that nobody else enters, and
// show the rights of its access list as their group's
// (https://systemd.io/CREDENTIALS); Windows has no such rights.
func (k *linkKeyFlags) readByOthers() bool {
	if k.file == "" || runtime.GOOS == "windows" || filepath.Dir(k.file) == os.Getenv("CREDENTIALS_DIRECTORY") {
		return false
	}
	info, err := os.Stat(k.file)
	return err == nil && info.Mode().Perm()&0o077 != 0
}

// Verify implements web.LinkVerifier.
func (l *linkKeeper) Verify(query string, now time.Time) (link.Link, error) {
	return l.current.Load().Verify(query, now)
}

// reload reads the keys again and tells what came of it. Keys that are not good
// leave those that there are.
func (l *linkKeeper) reload(log *slog.Logger) {
	verifier, err := l.flags.verifier()
	if err != nil {
		log.Error("the keys of links stay as they were", "error", err)
		return
	}
	l.current.Store(verifier)
	log.Info("the keys of links are read again", "keys", verifier.Keys.IDs())
}
