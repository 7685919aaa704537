//go:build !linux

package tunnel

import (
	"errors"
	"io"
)

// namespace is what only Linux has.
type namespace struct{}

func newNamespace() (*namespace, error)     { return nil, errors.ErrUnsupported }
func (*namespace) do(func() error) error    { return errors.ErrUnsupported }
func (*namespace) close() error             { return nil }
func (l *Link) connect() (io.Closer, error) { return nil, errors.ErrUnsupported }
