package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"checkoutdoctor/wasm/diagnosis"
)

func resetURLCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reset-url URL",
		Short: "Print the address that makes an Ads Manager drop its cache",
		Long: `Print the address of an Ads Manager with reset_cache=1 added to it, which makes
it drop its cache when a user who is logged in opens it. Everything else in the
address stays as it is; nothing is opened or sent.`,
		Example: `  checkoutdoctor reset-url 'https://ads.tiktok.com/i18n/dashboard?aadvid=7'`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			link, err := diagnosis.ResetCacheURL(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), link)
			return printed(err)
		},
	}
}
