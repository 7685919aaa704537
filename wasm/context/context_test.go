package context_test

import (
	standard "context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"checkoutdoctor/wasm/context"
)

// endless is longer than any test may take.
const endless = time.Hour

func TestAContextEnds(t *testing.T) {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	tests := map[string]struct {
		begin func() (context.Context, context.CancelFunc)
		why   error
	}{
		"when it is cancelled": {func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			return ctx, cancel
		}, context.Canceled},
		"when it is cancelled before its limit": {func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithTimeout(context.Background(), endless)
			cancel()
			return ctx, cancel
		}, context.Canceled},
		"after its limit": {func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), time.Millisecond)
		}, context.DeadlineExceeded},
		"with its parent": {func() (context.Context, context.CancelFunc) {
			return context.WithCancel(cancelled)
		}, context.Canceled},
		"with its parent before its limit": {func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(cancelled, endless)
		}, context.Canceled},
		"with the limit of its parent": {func() (context.Context, context.CancelFunc) {
			parent, cancel := context.WithTimeout(context.Background(), time.Millisecond)
			ctx, _ := context.WithCancel(parent)
			return ctx, cancel
		}, context.DeadlineExceeded},
		"with a parent of the standard library's": {func() (context.Context, context.CancelFunc) {
			parent, cancel := standard.WithCancel(t.Context())
			cancel()
			return context.WithCancel(parent)
		}, standard.Canceled},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := tt.begin()
			defer cancel()
			<-ctx.Done()
			assert.Equal(t, tt.why, ctx.Err())
			cancel()
			assert.Equal(t, tt.why, ctx.Err(), "only the first end counts")
		})
	}
}

func TestAContextGoesOnUntilItsEnd(t *testing.T) {
	parent := context.Background()
	ctx, cancel := context.WithTimeout(parent, endless)
	assert.NoError(t, ctx.Err())
	cancel()
	assert.NoError(t, parent.Err(), "a parent outlives what it is the parent of")
}

func TestAfter(t *testing.T) {
	started := time.Now()
	<-context.After(time.Millisecond)
	assert.GreaterOrEqual(t, time.Since(started), time.Millisecond)
}
