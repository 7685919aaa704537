package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/text/language"

	"checkoutdoctor/probe"
	"checkoutdoctor/web"
	"checkoutdoctor/web/link"
)

// linkOptions are the flags of link.
type linkOptions struct {
	base    string
	number  string
	lang    string
	ttl     lifetime
	from    string
	only    []string
	address string
	keys    linkKeyFlags
	newKey  string
	qr      bool
	qrFile  string
}

// newKeyFlag stands alone: it makes no link.
const newKeyFlag = "new-key"

func linkCommand() *cobra.Command {
	o := linkOptions{ttl: defaultLifetime}
	c := &cobra.Command{
		Use:   "link",
		Short: "Print a signed link that opens the diagnostic for one case",
		Long: `Print a signed link, for support to send to a user, that opens the page of
serve: with the case's number, in the user's language, until it expires. Only
who has the key can make one, and a link of which anything was changed is
refused. Within that time whoever has the link may open it.

The link alone goes to standard output; standard error says from when until
when it is good.

The key is in the file that --key-file names, or in the variable
` + linkKeysVariable + `; serve needs the same. As for serve, variables
set --key-file and --allowed-host where the command line does not:
` + variable(keyFileFlag) + `, which goes before ` + linkKeysVariable + `,
and ` + variable(allowedHostFlag) + `. --new-key makes a key. To change it, put
the new key's line before the old one's, here and at serve: the first key signs,
both verify. Take the old one out when its last link has expired, 30 days later
at most.

Clocks may differ by 5 minutes: a link is good that much earlier and later than
it says. The same options and the same --from give the same link.

--ads-manager-url is the address of the user's Ads Manager, from which the page
makes the link that clears its cache. It must be https, and on a host that
--allowed-host names, here and at serve: ads.example for that host, or
.example.com for every host of that registrable domain. It stands in the link,
and so is sent to the server that serves the page, which does not log it.`,
		Example: `  checkoutdoctor link --new-key link.key
  checkoutdoctor link --key-file link.key --base https://doctor.example --case 4711 --lang sv --ttl 72h
  checkoutdoctor link --key-file link.key --base https://doctor.example --case 4711 --only popup,vantage --qr
  checkoutdoctor link --key-file link.key --base https://doctor.example --case 4711 --ads-manager-url https://ads.example/?aadvid=7 --allowed-host ads.example
  checkoutdoctor link --key-file link.key --base https://doctor.example --case 4711 --from 2026-12-01T08:00:00Z --qr-file case-4711.svg`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed(newKeyFlag) {
				return o.makeKey(c)
			}
			return o.makeLink(c)
		},
	}
	o.register(c.Flags())
	return c
}

func (o *linkOptions) register(f *pflag.FlagSet) {
	f.StringVar(&o.base, "base", "", "`URL` under which the diagnostic is served, such as https://doctor.example")
	f.StringVar(&o.number, "case", "", "`number` of the case: printable, 64 characters at most")
	f.StringVar(&o.lang, "lang", "", "language of the page (BCP 47); the reader's own unless told")
	f.Var(&o.ttl, "ttl", "how long the link is good, from 10m to 30d; a day is 24 hours")
	f.StringVar(&o.from, "from", "", "`time` from which it is good (RFC 3339); now unless told")
	f.StringSliceVar(&o.only, "only", nil, "only these `checks`, separated by commas")
	f.StringVar(&o.address, "ads-manager-url", "", "`URL` of the user's Ads Manager, on an allowed host")
	o.keys.register(f)
	f.BoolVar(&o.qr, "qr", false, "draw the link as a QR code in the terminal, too")
	f.StringVar(&o.qrFile, "qr-file", "", "draw the link as a QR code in this new .svg or .png `file`, too")
	f.StringVar(&o.newKey, newKeyFlag, "", "make a key in this new `file`, and no link")
}

// makeKey makes a key, and no link.
func (o *linkOptions) makeKey(c *cobra.Command) error {
	var others []string
	c.Flags().Visit(func(f *pflag.Flag) {
		if f.Name != newKeyFlag {
			others = append(others, "--"+f.Name)
		}
	})
	if len(others) > 0 {
		return fmt.Errorf("--%s makes a key, and no link: leave out %s", newKeyFlag, strings.Join(others, ", "))
	}
	return writeNewKey(c.OutOrStdout(), o.newKey)
}

// makeLink makes a link, with what variables say that serve reads, too.
func (o *linkOptions) makeLink(c *cobra.Command) error {
	set := linkKeySettings(c.Flags())
	if err := set.readEnvironment(); err != nil {
		return err
	}
	return set.attributed(o.print(c.OutOrStdout(), c.ErrOrStderr(), time.Now()))
}

// print makes the link and shows it, and says on stderr what is to be known of
// it, in the zone of now.
func (o *linkOptions) print(stdout, stderr io.Writer, now time.Time) error {
	l, signed, err := o.sign(now)
	if err != nil {
		return err
	}
	code, err := o.draw(signed)
	if err != nil {
		return err
	}
	if err := o.warnOfLanguage(stderr); err != nil {
		return err
	}
	io.WriteString(stderr, validity(l, now))
	_, err = io.WriteString(stdout, signed+"\n"+code)
	return printed(err)
}

// sign makes the link, and its URL.
func (o *linkOptions) sign(now time.Time) (link.Link, string, error) {
	if o.base == "" {
		return link.Link{}, "", errors.New("--base is needed: the URL under which the diagnostic is served, such as https://doctor.example")
	}
	l, err := o.link(now)
	if err != nil {
		return link.Link{}, "", err
	}
	if err := checkQRFile(o.qrFile); err != nil {
		return link.Link{}, "", err
	}
	keys, hosts, err := o.keys.read()
	if err != nil {
		return link.Link{}, "", err
	}
	signed, err := link.Signer{Base: o.base, Keys: keys, Hosts: hosts}.Sign(l)
	if err != nil {
		return link.Link{}, "", byFlag(err)
	}
	return l, signed, checkNotOver(l, now)
}

// link returns what the flags say.
func (o *linkOptions) link(now time.Time) (link.Link, error) {
	from := now
	if o.from != "" {
		var err error
		if from, err = time.Parse(time.RFC3339, o.from); err != nil {
			return link.Link{}, fmt.Errorf("--from: %q is no time; want one such as 2026-12-01T08:00:00Z", o.from)
		}
	}
	only := make([]string, len(o.only))
	for i, name := range o.only {
		only[i] = strings.TrimSpace(name)
	}
	if err := checkNamesOfChecks(only); err != nil {
		return link.Link{}, err
	}
	return link.Link{
		Case: o.number, Language: o.lang, Only: only, AdsManagerURL: o.address, From: from, Until: from.Add(time.Duration(o.ttl)),
	}, nil
}

// checkNamesOfChecks finds names that no check has: a page that was asked for
// such alone would look at nothing.
func checkNamesOfChecks(only []string) error {
	words, err := web.Locale("en")
	if err != nil {
		return exit(probe.ExitEnvironment, err)
	}
	for _, name := range only {
		if _, ok := words.Checks[name]; !ok {
			return fmt.Errorf("--only: there is no check %q; there are %s", name, strings.Join(slices.Sorted(maps.Keys(words.Checks)), ", "))
		}
	}
	return nil
}

// warnOfLanguage says that the reader will see another language than was asked
// for. The link is good: there may be words in it by the time it is opened.
func (o *linkOptions) warnOfLanguage(stderr io.Writer) error {
	if o.lang == "" {
		return nil
	}
	words, err := web.Locale(o.lang)
	if err != nil {
		return exit(probe.ExitEnvironment, err)
	}
	wanted, _ := language.Make(o.lang).Base()
	if shown, _ := language.Make(words.Language).Base(); shown != wanted {
		fmt.Fprintf(stderr, "there are no words in %s yet: the page will be shown in the language of the reader's browser, or in English where there are no words in that either\n", o.lang)
	}
	return nil
}

// byFlag words what is wrong with a link by the flag that said it.
func byFlag(err error) error {
	refused, ok := errors.AsType[*link.Error](err)
	if !ok {
		return fmt.Errorf("--base: %w", err)
	}
	if refused.Param == "" {
		return fmt.Errorf("the link is too long: %w", refused.Unwrap())
	}
	flag := refused.Param
	if flag == "until" {
		flag = "ttl"
	}
	return fmt.Errorf("--%s: %w", flag, refused.Unwrap())
}

// writeNewKey makes a key in a new file that only its owner reads. A key that is
// overwritten takes its links with it: so none is.
func writeNewKey(w io.Writer, file string) error {
	line := link.NewKey()
	keys, err := link.ParseKeys(line)
	if err != nil {
		return exit(probe.ExitEnvironment, err)
	}
	text := fmt.Sprintf("# signs diagnostic links: keep it as secret as a password\n%s\n", line)
	if err := writeNewFile("--"+newKeyFlag, file, []byte(text), 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "key %s in %s\n", keys.IDs()[0], file)
	return printed(err)
}
