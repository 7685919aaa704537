package acs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// maxMessage bounds a message between servers, in bytes. An AReq with every
// element at its longest stays below it.
const maxMessage = 64 << 10

// Exchange posts the message request to url and reads the answer, as the
// component at. The other side's Erro, and the one that at finds in the
// answer, are returned as *Erro.
func Exchange[Answer, Request Message](ctx context.Context, client *http.Client, at Component, url string, request Request) (Answer, error) {
	var none Answer
	asked := request.definition().messageType
	body, err := post(ctx, client, url, request)
	if err != nil {
		return none, fmt.Errorf("sending %s: %w", asked, err)
	}
	if erro, err := Decode[Erro](body, at); err == nil {
		return none, fmt.Errorf("sending %s: %w", asked, &erro)
	}
	answer, err := Decode[Answer](body, at)
	if err != nil {
		return none, fmt.Errorf("reading the answer to %s: %w", asked, err)
	}
	return answer, nil
}

func post(ctx context.Context, client *http.Client, url string, message any) ([]byte, error) {
	body, err := json.Marshal(message)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", messageContentType)
	res, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP status %s", res.Status)
	}
	return readMessage(res.Body)
}

// Receive reads and validates the message in a server-to-server request.
func Receive[M Message](r *http.Request, at Component) (M, error) {
	body, err := readMessage(r.Body)
	if err != nil {
		var none M
		return none, newErro(at, none.definition().messageType, CodeMessageInvalid, err.Error(), nil)
	}
	return Decode[M](body, at)
}

func readMessage(from io.Reader) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(from, maxMessage+1))
	if err != nil {
		return nil, fmt.Errorf("reading a message: %w", err)
	}
	if len(body) > maxMessage {
		return nil, errors.New("message is larger than 64 KiB")
	}
	return body, nil
}

const messageContentType = "application/json; charset=utf-8"

// Reply answers with a message, an Erro included: those travel with status
// 200, because the protocol's errors are no errors of HTTP.
func Reply(w http.ResponseWriter, message any) {
	body, err := json.Marshal(message)
	if err != nil {
		http.Error(w, "encoding the answer failed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", messageContentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Write(body) // an error means that the peer has gone
}

// ReplyErro answers with err if it is an *Erro, as those of [Decode] and
// [Receive] are, and with a transient failure found by at otherwise.
func ReplyErro(w http.ResponseWriter, at Component, err error) {
	if erro, ok := errors.AsType[*Erro](err); ok {
		Reply(w, erro)
		return
	}
	Reply(w, newErro(at, "", CodeTransientFailure, err.Error(), nil))
}

// UnknownTransaction is the Erro of at for a message of the type that names a
// transaction nobody knows, or one for which it comes a second time. The
// detail names the element that holds the id.
func UnknownTransaction(at Component, messageType, detail, threeDSServerTransID string) *Erro {
	return newErro(at, messageType, CodeUnknownID, detail, elements{"threeDSServerTransID": threeDSServerTransID})
}
