package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"

	"checkoutdoctor/probe"
	"checkoutdoctor/web/link"
)

// linkKeysVariable holds the keys of links where no file is named.
const linkKeysVariable = "CHECKOUTDOCTOR_LINK_KEYS"

// maxKeyFile is in bytes: two keys, and a page of remarks.
const maxKeyFile = 4096

// allowedHostFlag is, like keyFileFlag, what serve and link are told alike, also by
// variables.
const allowedHostFlag = "allowed-host"

// linkKeyFlags are what makers and verifiers of links must agree on.
type linkKeyFlags struct {
	file  string
	hosts []string
}

func (k *linkKeyFlags) register(f *pflag.FlagSet) {
	f.StringVar(&k.file, keyFileFlag, "", "`file` with the key of links, and the one before it; "+linkKeysVariable+" unless told")
	f.StringArrayVar(&k.hosts, allowedHostFlag, nil, "`host` to which a URL in a link may lead, or registrable domain with a dot before it; may be given several times")
}

// linkKeySettings are these flags out of all of a command's, to be set by variables.
func linkKeySettings(flags *pflag.FlagSet) *settings {
	shared := pflag.NewFlagSet("", pflag.ContinueOnError)
	for _, name := range []string{keyFileFlag, allowedHostFlag} {
		shared.AddFlag(flags.Lookup(name))
	}
	return &settings{flags: shared, from: make(map[string]string)}
}

// given tells whether there are keys, be they good or not.
func (k *linkKeyFlags) given() bool { return k.file != "" || os.Getenv(linkKeysVariable) != "" }

func (k *linkKeyFlags) read() (link.Keys, link.Hosts, error) {
	hosts, err := link.ParseHosts(k.hosts)
	if err != nil {
		return link.Keys{}, link.Hosts{}, fmt.Errorf("--allowed-host: %w", err)
	}
	keys, err := readLinkKeys(k.file)
	return keys, hosts, err
}

// verifier returns what verifies links; nil where there are no keys.
func (k *linkKeyFlags) verifier() (*link.Verifier, error) {
	if !k.given() {
		if len(k.hosts) > 0 {
			return nil, errors.New("--allowed-host needs --key-file or " + linkKeysVariable + ": it is about signed links alone")
		}
		return nil, nil
	}
	keys, hosts, err := k.read()
	if err != nil {
		return nil, err
	}
	return &link.Verifier{Keys: keys, Hosts: hosts}, nil
}

// readLinkKeys reads the keys of links from the file, or from the environment
// where none is named.
func readLinkKeys(file string) (link.Keys, error) {
	text, from := os.Getenv(linkKeysVariable), linkKeysVariable
	if file == "" && text == "" {
		return link.Keys{}, errors.New("--key-file or " + linkKeysVariable + " is needed: the key that signs links, such as --new-key makes")
	}
	if file != "" {
		content, err := readKeyFile(file)
		if err != nil {
			return link.Keys{}, exit(probe.ExitUsage, fmt.Errorf("--key-file: %w", err))
		}
		text, from = content, "--key-file: "+file
	}
	keys, err := link.ParseKeys(text)
	if err != nil {
		return link.Keys{}, exit(probe.ExitUsage, fmt.Errorf("%s: %w", from, err))
	}
	return keys, nil
}

func readKeyFile(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxKeyFile {
		return "", fmt.Errorf("%s: it is longer than a file of keys, %d bytes", file, maxKeyFile)
	}
	return string(text), nil
}
