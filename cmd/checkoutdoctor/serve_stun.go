package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"

	"checkoutdoctor/web/vantage"
)

// listenSTUN opens the socket of the STUN server, if there is to be one.
func (o *serveOptions) listenSTUN(ctx context.Context) (net.PacketConn, error) {
	if o.stunListen == "" {
		return nil, nil
	}
	socket, err := new(net.ListenConfig).ListenPacket(ctx, "udp", o.stunListen)
	if err != nil {
		return nil, listenErrorOf("--stun-listen", err)
	}
	return socket, nil
}

func closeSocket(socket net.PacketConn) error {
	if socket == nil {
		return nil
	}
	return socket.Close()
}

// serveSTUN serves STUN on the socket, if there is one, until ctx ends or it is
// stopped. Its failure is told and no more: without it reports lack one fact.
func serveSTUN(ctx context.Context, stdout io.Writer, log *slog.Logger, socket net.PacketConn) (stop func()) {
	if socket == nil {
		return func() {}
	}
	fmt.Fprintf(stdout, "serving on stun:%s\n", socket.LocalAddr())
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := vantage.ServeSTUN(ctx, socket); err != nil {
			log.Error("STUN is served no more", "error", err)
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// stunOf returns which STUN server a page is sent to, or nil for none. Clients
// behind a proxy are sent to none but --stun-url: they know the proxy's host
// alone, and UDP does not go by it.
func (o *serveOptions) stunOf(socket net.PacketConn, client func(*http.Request) vantage.Client) func(*http.Request) string {
	if o.stunURL != "" {
		return func(*http.Request) string { return o.stunURL }
	}
	if socket == nil {
		return nil
	}
	beside := vantage.STUNAt(socket.LocalAddr().(*net.UDPAddr).Port)
	return func(r *http.Request) string {
		if client(r).Proxied {
			return ""
		}
		return beside(r)
	}
}
