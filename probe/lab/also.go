package lab

import (
	"crypto/tls"
	"net"
)

// ServeOn answers for the lab's sites on a listener that somebody else opened,
// as behind [Lab.Address], until that is closed or the lab is, which closes it.
// It is for HTTPS mode, where a host and not a port says which site is meant.
func (l *Lab) ServeOn(listener net.Listener) {
	l.serving.Go(func() { l.server.Serve(tls.NewListener(listener, l.tlsConfig())) })
}
