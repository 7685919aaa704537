package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
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
		if err := checkOrigin(origin, "https://pay.example"); err != nil {
			return fmt.Errorf("--report-origin: %w", err)
		}
	}
	return nil
}

// checkOrigin finds an origin that is not as browsers send it, and so would be met
// in no request. The error says how they do, or names the example.
func checkOrigin(origin, example string) error {
	want := originOf(origin)
	if want == origin {
		return nil
	}
	return fmt.Errorf("%q is no origin as browsers send it; want %s", origin, cmp.Or(want, "one such as "+example))
}

// defaultPorts are those that an origin leaves out, by its scheme.
var defaultPorts = map[string]string{"https": ":443", "http": ":80"}

// hostsInOrigins are names of the DNS and addresses, with or without a port. Browsers
// take some more characters in names, which mean something in the Content-Security-
// Policy that names the origin.
var hostsInOrigins = regexp.MustCompile(`^([0-9a-z_.-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?$`)

// originOf returns the origin of a URL as browsers send it
// (https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin); empty where it
// has none.
func originOf(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || defaultPorts[u.Scheme] == "" {
		return ""
	}
	host := strings.TrimSuffix(strings.TrimSuffix(u.Host, ":"), defaultPorts[u.Scheme])
	if host, err = idna.Punycode.ToASCII(strings.ToLower(host)); err != nil || !hostsInOrigins.MatchString(host) {
		return ""
	}
	return u.Scheme + "://" + host
}

// open opens the inbox; nil where there is none. A folder that is not there is made
// if it shall be, or else it is tried whether it could be. Where links are signed,
// half of the room is for reports that come by one.
func (o *reportFlags) open(create, signedLinks bool) (*inbox.Dir, error) {
	if o.folder == "" {
		return nil, nil
	}
	if _, err := os.Stat(o.folder); errors.Is(err, os.ErrNotExist) && !create {
		return nil, tryToMake(o.folder)
	}
	dir, err := inbox.Open(o.folder, inbox.Limits{HalfForSigned: signedLinks})
	if err != nil {
		return nil, fmt.Errorf("--reports: %w", err)
	}
	return dir, nil
}

// tryToMake finds out whether the folder, which is not there, could be made: it makes
// one of another name where the first that is missing would be, and removes it. What
// permissions say is not enough: file systems can be read-only, or be the kernel's.
func tryToMake(folder string) error {
	parent := filepath.Clean(folder)
	for missing(parent) {
		parent = filepath.Dir(parent)
	}
	tried, err := os.MkdirTemp(parent, ".checkoutdoctor-")
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err // its path is none that anybody named
	}
	if err != nil {
		return fmt.Errorf("--reports: %s cannot be made in %s: %w", folder, parent, err)
	}
	return os.Remove(tried)
}

// missing tells whether nothing has the path: not even a symbolic link, in whose place
// no folder can be made.
func missing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, os.ErrNotExist)
}
