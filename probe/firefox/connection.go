package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/net/websocket"
)

// connection is a WebDriver BiDi session. It asks one thing at a time, and
// subscribes to no events, so that whatever comes is the answer.
type connection struct {
	socket *websocket.Conn
	last   int // id of the last command
}

// command is what the browser is asked.
type command struct {
	ID     int            `json:"id"`
	Method string         `json:"method"`
	Params map[string]any `json:"params"`
}

// answer is what it says: a result, or an error with a code of the protocol's.
type answer struct {
	ID      int             `json:"id"`
	Result  json.RawMessage `json:"result"`
	Error   string          `json:"error"`
	Message string          `json:"message"`
}

// refusal is an error of the protocol's: the browser is there and did not do
// what it was asked, such as in a frame that is gone.
type refusal struct{ method, code, message string }

func (e *refusal) Error() string { return fmt.Sprintf("%s: %s: %s", e.method, e.code, e.message) }

// origin is where the recorder says that it comes from; Firefox is started so
// that it takes it.
const origin = "http://127.0.0.1"

func dial(ctx context.Context, address string) (*connection, error) {
	config, err := websocket.NewConfig(address+"/session", origin)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	socket, err := config.DialContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to Firefox: %w", err)
	}
	return &connection{socket: socket}, nil
}

// call asks the browser, and decodes its answer into result unless that is nil.
// When ctx ends, so does the connection.
func (c *connection) call(ctx context.Context, method string, params map[string]any, result any) error {
	defer context.AfterFunc(ctx, func() { c.socket.Close() })()
	c.last++
	if err := websocket.JSON.Send(c.socket, command{c.last, method, params}); err != nil {
		return fmt.Errorf("ask Firefox for %s: %w", method, errors.Join(context.Cause(ctx), err))
	}
	var a answer
	for a.ID != c.last {
		a = answer{}
		if err := websocket.JSON.Receive(c.socket, &a); err != nil {
			return fmt.Errorf("wait for Firefox to answer %s: %w", method, errors.Join(context.Cause(ctx), err))
		}
	}
	if a.Error != "" {
		return &refusal{method, a.Error, a.Message}
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(a.Result, result); err != nil {
		return fmt.Errorf("read Firefox's answer to %s: %w", method, err)
	}
	return nil
}
