package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEveryTrialIsRecorded(t *testing.T) {
	seen := make(map[string]bool)
	for _, trial := range trials() {
		assert.False(t, seen[trial.name], "two trials are called %s", trial.name)
		seen[trial.name] = true
		assert.FileExists(t, filepath.Join("..", "..", "testdata", "firefox", trial.name+".json"))
	}
}
