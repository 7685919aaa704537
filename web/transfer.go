package web

import (
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"

	"checkoutdoctor/web/vantage"
)

// maxTransfer bounds both directions of a transfer, in bytes.
const maxTransfer = 1 << 18

// noise is what transfers are filled with: nothing on the way can make it
// smaller.
var noise = sync.OnceValue(func() []byte {
	bytes := make([]byte, maxTransfer)
	rand.NewChaCha8([32]byte{}).Read(bytes) // never fails
	return bytes
})

// sendBytes sends as many bytes as it is asked for, beginning with the nonce:
// whoever gets it has not got an older answer.
func sendBytes(w http.ResponseWriter, r *http.Request, _ vantage.Client) {
	n, ok := nonce(w, r)
	if !ok {
		return
	}
	size, ok := sizeAsked(r)
	if !ok {
		http.Error(w, "bytes must be 1 to "+strconv.Itoa(maxTransfer), http.StatusBadRequest)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Length", strconv.Itoa(size))
	begin := min(len(n), size)
	io.WriteString(w, n[:begin]) // the client may be gone: nobody is left to tell
	w.Write(noise()[:size-begin])
}

// sizeAsked returns how many bytes sendBytes is asked for, if it may be.
func sizeAsked(r *http.Request) (size int, ok bool) {
	size, err := strconv.Atoi(r.URL.Query().Get("bytes"))
	return size, err == nil && size >= 1 && size <= maxTransfer
}

// sendingCost and takingCost are what the transfers cost their client.
func sendingCost(r *http.Request) int {
	size, ok := sizeAsked(r)
	if !ok {
		return 1 // it is refused
	}
	return bySize(int64(size))
}

func takingCost(r *http.Request) int { return bySize(r.ContentLength) }

// takeBytes says how many bytes have arrived.
func takeBytes(w http.ResponseWriter, r *http.Request, _ vantage.Client) {
	n, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxTransfer))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		http.Error(w, "the body must be at most "+strconv.Itoa(maxTransfer)+" bytes", http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		http.Error(w, "the body ended early", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(struct { // the client may be gone: nobody is left to tell
		Bytes int64 `json:"bytes"`
	}{n})
}
