package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"checkoutdoctor/probe/fault"
	"checkoutdoctor/probe/lab"
)

// install loads the extensions that have these names among [fault.Extensions],
// for as long as the browser lives.
func (b *browser) install(ctx context.Context, l *lab.Lab, names []string) error {
	hosts, err := extensionHosts(l)
	if err != nil {
		return err
	}
	for _, name := range names {
		dir := filepath.Join(b.dir, "extension-"+name)
		if err := writeExtension(dir, hosts, name); err != nil {
			return fmt.Errorf("write the extension %s: %w", name, err)
		}
		data := map[string]any{"type": "path", "path": dir}
		if err := b.call(ctx, "webExtension.install", map[string]any{"extensionData": data}, nil); err != nil {
			return fmt.Errorf("install the extension %s: %w", name, err)
		}
	}
	return nil
}

// extensionHosts are the lab's hosts that extensions look for.
func extensionHosts(l *lab.Lab) (e fault.Extensions, err error) {
	o := l.Origins()
	acs, err := url.Parse(o.ACS)
	if err != nil {
		return e, fmt.Errorf("read the lab's origins: %w", err)
	}
	merchant, err := url.Parse(o.Merchant)
	if err != nil {
		return e, fmt.Errorf("read the lab's origins: %w", err)
	}
	return fault.Extensions{ACS: acs.Hostname(), Merchant: merchant.Hostname()}, nil
}

func writeExtension(dir string, hosts fault.Extensions, name string) error {
	files, err := hosts.Files(name)
	if err != nil {
		return err
	}
	for file, data := range files {
		file = filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}
