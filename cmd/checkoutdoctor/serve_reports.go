package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"

	"github.com/spf13/pflag"

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
		u, err := url.Parse(origin)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || origin != u.Scheme+"://"+u.Host {
			return fmt.Errorf("--report-origin: %q is no origin; want one such as https://pay.example", origin)
		}
	}
	return nil
}

// open opens the inbox; nil where there is none. A folder that is not there is made
// if it shall be.
func (o *reportFlags) open(create bool) (*inbox.Dir, error) {
	if o.folder == "" {
		return nil, nil
	}
	if _, err := os.Stat(o.folder); errors.Is(err, os.ErrNotExist) && !create {
		return nil, nil
	}
	dir, err := inbox.Open(o.folder, inbox.Limits{})
	if err != nil {
		return nil, fmt.Errorf("--reports: %w", err)
	}
	return dir, nil
}
