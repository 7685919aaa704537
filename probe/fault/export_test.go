package fault

import (
	"context"
	"io"
)

// Copy passes on over the line what comes from one side.
func Copy(ctx context.Context, line Line, to io.Writer, from io.Reader) {
	newLink(line).copy(ctx, to, from)
}
