package main

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe"
	"checkoutdoctor/probe/chrome"
	"checkoutdoctor/probe/lab"
)

// askVantage asks the vantage twice, the second time on a connection that is
// there already, and opens its WebSocket.
const askVantage = `(async () => {
	const ask = async () => (await fetch("/vantage", {method: "POST", body: "{}"})).json()
	const socket = new WebSocket(location.origin.replace("https", "wss") + "/socket")
	socket.onopen = () => socket.send("echo")
	const echo = new Promise((resolve) => { socket.onmessage = ({data}) => resolve(data) })
	return {first: await ask(), second: await ask(), echo: await echo}
})()`

func TestARealBrowsersHandshakeIsItsOwn(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	l, err := lab.Start(ctx, lab.Options{TimeScale: timeScale})
	require.NoError(t, err)
	defer l.Close()
	browser, err := chrome.New(chrome.Options{Address: l.Address(), CAPEM: l.CAPEM()}).Launch(ctx, probe.Profile{})
	require.NoError(t, err)
	defer browser.Close()
	page, err := browser.NewContext(ctx, probe.ContextOptions{})
	require.NoError(t, err)
	defer page.Close()
	require.NoError(t, page.Open(ctx, l.LinkURL()))
	type view struct {
		TLS, HTTPVersion, Family string
		ProxyHeaders             []string
	}
	var seen struct {
		First, Second view
		Echo          string
	}
	require.NoError(t, page.Eval(ctx, askVantage, &seen))
	own := view{TLS: "own", HTTPVersion: "2", Family: "4", ProxyHeaders: []string{}}
	assert.Equal(t, own, seen.First)
	assert.Equal(t, own, seen.Second)
	assert.Equal(t, "echo", seen.Echo)
}
