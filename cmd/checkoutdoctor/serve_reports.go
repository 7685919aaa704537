package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/net/idna"

	"checkoutdoctor/web/inbox"
)

// reportFlags are the flags of serve that say which reports are taken in.
type reportFlags struct {
	folder  string
	origins []string
}

func (o *reportFlags) register(f *pflag.FlagSet) {
	f.StringVar(&o.folder, "reports", "", "`folder` in which the reports that users send are kept; none can be sent unless told")
	f.StringArrayVar(&o.origins, "report-origin", nil, "`origin` of a payment page that may send reports, such as https://pay.example; may be given several times")
}

func (o *reportFlags) check() error {
	if o.folder == "" && len(o.origins) > 0 {
		return errors.New("--report-origin needs --reports, the folder in which reports are kept")
	}
	for _, origin := range o.origins {
		if want := originOf(origin); want != origin {
			return fmt.Errorf("--report-origin: %q is no origin as browsers send it; want %s", origin, cmp.Or(want, "one such as https://pay.example"))
		}
	}
	return nil
}

// defaultPorts are those that an origin leaves out, by its scheme.
var defaultPorts = map[string]string{"https": ":443", "http": ":80"}

// originOf returns the origin of a URL as browsers send it
// (https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin); empty where it
// has none.
func originOf(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || defaultPorts[u.Scheme] == "" {
		return ""
	}
	host := strings.TrimSuffix(strings.TrimSuffix(u.Host, ":"), defaultPorts[u.Scheme])
	if host, err = idna.Punycode.ToASCII(strings.ToLower(host)); err != nil {
		return ""
	}
	return u.Scheme + "://" + host
}

// open opens the inbox; nil where there is none. A folder that is not there is made
// if it shall be. Where links are signed, half of the room is for reports that come
// by one.
func (o *reportFlags) open(create, signedLinks bool) (*inbox.Dir, error) {
	if o.folder == "" {
		return nil, nil
	}
	if _, err := os.Stat(o.folder); errors.Is(err, os.ErrNotExist) && !create {
		return nil, nil
	}
	dir, err := inbox.Open(o.folder, inbox.Limits{HalfForSigned: signedLinks})
	if err != nil {
		return nil, fmt.Errorf("--reports: %w", err)
	}
	return dir, nil
}
