package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// maxRequest bounds a request's body, in bytes.
const maxRequest = 64 << 10

// readJSON reads a request's body. The answer is sent if it returns false.
func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest)).Decode(into); err != nil {
		replyError(w, http.StatusBadRequest, fmt.Errorf("reading the request: %w", err))
		return false
	}
	return true
}

func replyJSON(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(answer) // an error means that the client has gone
}

// problem is the body of an answer that is an error.
type problem struct {
	Error string `json:"error"`
}

func replyError(w http.ResponseWriter, status int, err error) {
	replyJSON(w, status, problem{err.Error()})
}

// callJSON asks another server of the lab. A question of nil is a GET.
func callJSON[Answer any](ctx context.Context, client *http.Client, url string, question any) (answer Answer, err error) {
	r, err := newJSONRequest(ctx, url, question)
	if err != nil {
		return answer, fmt.Errorf("asking %s: %w", url, err)
	}
	res, err := client.Do(r)
	if err != nil {
		return answer, err // names method and URL
	}
	defer res.Body.Close()
	body := io.LimitReader(res.Body, maxRequest)
	if res.StatusCode != http.StatusOK {
		var p problem
		json.NewDecoder(body).Decode(&p) // a body that cannot be read says nothing more
		return answer, fmt.Errorf("asking %s: %s: %s", url, res.Status, p.Error)
	}
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		return answer, fmt.Errorf("reading the answer of %s: %w", url, err)
	}
	return answer, nil
}

func newJSONRequest(ctx context.Context, url string, question any) (*http.Request, error) {
	if question == nil {
		return http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	}
	body, err := json.Marshal(question)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	return r, nil
}
