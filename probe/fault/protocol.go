package fault

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// protocol is how browsers ask a proxy for a connection.
type protocol interface {
	// scheme is that of the proxy's URL.
	scheme() string
	// read returns the host:port that the browser wants to be connected to. Who
	// asks for anything else is told so, and gets an error.
	read(*client) (address string, err error)
	// answer says what became of it. A browser that is gone does not need it.
	answer(io.Writer, outcome)
}

// outcome is what becomes of a wish for a connection.
type outcome int

const (
	connected outcome = iota
	refused
	noHost
)

// connect is CONNECT of HTTP (RFC 9110, section 9.3.6).
type connect struct{}

func (connect) scheme() string { return "http" }

func (connect) read(c *client) (string, error) {
	request, err := http.ReadRequest(c.reader)
	if err != nil {
		return "", fmt.Errorf("read what the browser wants: %w", err)
	}
	if request.Method != http.MethodConnect {
		return "", errors.New("read what the browser wants: nothing here speaks plain HTTP")
	}
	return request.Host, nil
}

func (connect) answer(to io.Writer, o outcome) {
	if o == connected {
		fmt.Fprint(to, "HTTP/1.1 200 OK\r\n\r\n") // the tunnel follows
		return
	}
	answer(to, http.StatusBadGateway)
}

// answer writes an HTTP answer without a body.
func answer(to io.Writer, status int) {
	fmt.Fprintf(to, "HTTP/1.1 %d %s\r\nContent-Length: 0\r\n\r\n", status, http.StatusText(status))
}
