package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"sync"

	"github.com/spf13/pflag"
	"golang.org/x/net/http/httpguts"

	"checkoutdoctor/web/vantage"
)

// placeFlags are the flags of serve that say how it knows where a client is.
type placeFlags struct {
	databases     []string
	relays        string
	proxies       []string
	addressHeader string
	countryHeader string
	asnHeader     string
}

func (o *placeFlags) register(f *pflag.FlagSet) {
	f.StringArrayVar(&o.databases, "geo-db", nil,
		"`file` in the MaxMind DB format with countries or networks; may be given several times, what they lack comes from the built-in data")
	f.StringVar(&o.relays, "relay-ranges", "",
		"`file` with the ranges of relays: https://mask-api.icloud.com/egress-ip-ranges.csv, or one prefix a line")
	f.StringArrayVar(&o.proxies, "trusted-proxy", nil,
		"`address` or network of the proxies in front of this server, whose headers are believed, and never that of users; may be given several times")
	f.StringVar(&o.addressHeader, "address-header", "",
		"`header` in which trusted proxies pass the client's address on, such as X-Forwarded-For or Forwarded")
	f.StringVar(&o.countryHeader, "country-header", "",
		"`header` in which trusted proxies name the client's country, such as CF-IPCountry")
	f.StringVar(&o.asnHeader, "asn-header", "",
		"`header` in which trusted proxies name the number of the client's autonomous system")
}

// check finds flags that do not go together, or make no sense.
func (o *placeFlags) check() error {
	if _, err := o.prefixes(); err != nil {
		return err
	}
	for _, header := range []struct{ flag, name string }{
		{"--address-header", o.addressHeader}, {"--country-header", o.countryHeader}, {"--asn-header", o.asnHeader},
	} {
		if header.name == "" {
			continue
		}
		if len(o.proxies) == 0 {
			return fmt.Errorf("%s needs --trusted-proxy: anybody else could write that header", header.flag)
		}
		if !httpguts.ValidHeaderFieldName(header.name) {
			return fmt.Errorf("%s: %q is no name of a header", header.flag, header.name)
		}
	}
	if len(o.proxies) > 0 && o.addressHeader == "" {
		return errors.New("--trusted-proxy needs --address-header: without the client's address all clients share one limit")
	}
	return nil
}

// unnamedProxy is what is said of a proxy that no flag names.
const unnamedProxy = "requests come by a reverse proxy that --trusted-proxy does not name, or by clients that write its headers: nothing is known of their addresses and connections, and all of one such address share one limit"

// prefixes returns the networks of the trusted proxies.
func (o *placeFlags) prefixes() ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for _, text := range o.proxies {
		prefix, err := vantage.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxy: %w", err)
		}
		if prefix.Bits() == 0 {
			return nil, fmt.Errorf("--trusted-proxy: %q would trust everybody", text)
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}

// finder opens the files and returns what finds out who a client is, and what
// closes the files. A proxy that no flag names is told of once.
func (o *placeFlags) finder(log *slog.Logger) (vantage.Finder, func() error, error) {
	prefixes, err := o.prefixes()
	if err != nil {
		return vantage.Finder{}, nil, err
	}
	locator, closeFiles, err := o.locator()
	if err != nil {
		return vantage.Finder{}, nil, err
	}
	return vantage.Finder{
		Locator: locator,
		Trust: vantage.Trust{
			Proxies: prefixes, AddressHeader: o.addressHeader, CountryHeader: o.countryHeader, ASNHeader: o.asnHeader,
		},
		Unnamed: sync.OnceFunc(func() { log.Warn(unnamedProxy) }),
	}, closeFiles, nil
}

func (o *placeFlags) locator() (vantage.Locator, func() error, error) {
	var relays *vantage.Relays
	if o.relays != "" {
		var err error
		if relays, err = readRelays(o.relays); err != nil {
			return nil, nil, err
		}
	}
	locator, closeFiles := vantage.Embedded(), func() error { return nil }
	if len(o.databases) > 0 {
		databases, err := vantage.OpenMaxMind(o.databases...)
		if err != nil {
			return nil, nil, fmt.Errorf("--geo-db: %w", err)
		}
		locator, closeFiles = databases, databases.Close
	}
	if relays != nil {
		locator = relays.Over(locator)
	}
	return locator, closeFiles, nil
}

func readRelays(file string) (*vantage.Relays, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("--relay-ranges: %w", err)
	}
	defer f.Close()
	relays, err := vantage.ReadRelays(f)
	if err != nil {
		return nil, fmt.Errorf("--relay-ranges: %s: %w", file, err)
	}
	return relays, nil
}
