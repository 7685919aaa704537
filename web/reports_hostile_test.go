package web

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/wasm/report"
	"checkoutdoctor/web/inbox"
	"checkoutdoctor/web/vantage"
)

// servedReports serves a site over real HTTP, to clients that nobody knows.
func servedReports(t testing.TB) (*reportSite, string) {
	t.Helper()
	s := newReportSite(t, func(o *Options) { o.Client = as(vantage.Client{}) })
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.Listener.Addr().String()
}

// raw sends the bytes as they are, and returns the answer to them. The server may
// close the connection while they are sent; a part that is a pipe is then closed.
func raw(t testing.TB, address string, parts ...io.Reader) *http.Response {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(time.Minute)))
	go func() {
		io.Copy(c, io.MultiReader(parts...)) // an error means that the server wants no more
		for _, part := range parts {
			if pipe, ok := part.(io.Closer); ok {
				pipe.Close() // which lets go who writes to it
			}
		}
	}()
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	return r
}

// headOf is the head of a request for POST /reports, without the line that ends it.
func headOf(lines ...string) string {
	return "POST /reports HTTP/1.1\r\nHost: doctor.example\r\n" + strings.Join(append(lines, ""), "\r\n")
}

// zeros is that many bytes of nothing, which take no memory.
func zeros(n int64) io.Reader { return io.LimitReader(zero{}, n) }

type zero struct{}

func (zero) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// chunks sends in chunks what it reads (RFC 9112, section 7.1).
func chunks(body io.Reader) io.Reader {
	in, out := io.Pipe()
	go func() {
		buffer := make([]byte, 64<<10)
		for {
			n, err := body.Read(buffer)
			if n > 0 {
				_, failed := fmt.Fprintf(out, "%x\r\n%s\r\n", n, buffer[:n])
				if failed != nil {
					return
				}
			}
			if err != nil {
				out.CloseWithError(err)
				return
			}
		}
	}()
	return in
}

func TestBodiesThatAreNoReports(t *testing.T) {
	s, address := servedReports(t)
	good := sent(t, 1, "")
	with := func(old, new string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, new, 1)
	}
	finding := func(evidence string) string {
		return with(`"findings": []`, `"findings": [{"code": "popup.blocked", "severity": "blocking", "confidence": "certain", "params": {}, "fixes": [], "evidence": [{"fact": "popup.result", "value": `+evidence+`}]}]`)
	}
	for name, test := range map[string]struct {
		body string
		want Refusal
	}{
		"nothing":                          {"", ReportInvalid},
		"no JSON":                          {"id=1&verdict=clear", ReportInvalid},
		"a page":                           {"<!doctype html><script>alert(1)</script>", ReportInvalid},
		"null":                             {"null", ReportInvalid},
		"a list":                           {"[" + good + "]", ReportInvalid},
		"an empty object":                  {"{}", ReportInvalid},
		"cut off":                          {good[:len(good)/2], ReportInvalid},
		"two reports":                      {good + good, ReportInvalid},
		"more after it":                    {good + "x", ReportInvalid},
		"a byte order mark":                {"\ufeff" + good, ReportInvalid},
		"UTF-16":                           {"\xff\xfe{\x00}\x00", ReportInvalid},
		"100,000 lists":                    {strings.Repeat("[", 100_000), ReportInvalid},
		"100,000 objects":                  {strings.Repeat(`{"a":`, 50_000), ReportInvalid},
		"100,000 levels in an unknown key": {with("{", `{"x":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+","), ReportInvalid},
		"9,000 levels of evidence":         {finding(strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000)), ReportInvalid},
		"a later schema":                   {with(`"schema": 1`, `"schema": 2`), ReportInvalid},
		"no schema":                        {with(`"schema": 1`, `"x": 1`), ReportInvalid},
		"a schema that is text":            {with(`"schema": 1`, `"schema": "1"`), ReportInvalid},
		"a schema that is a list":          {with(`"schema": 1`, `"schema": [1]`), ReportInvalid},
		"a schema that is no number":       {with(`"schema": 1`, `"schema": NaN`), ReportInvalid},
		"a schema beyond all numbers":      {with(`"schema": 1`, `"schema": 1e999`), ReportInvalid},
		"no id":                            {with(`"id"`, `"ID2"`), ReportInvalid},
		"an id that is a path":             {with(`"id": "0000000000000001"`, `"id": "../../../tmp/1234"`), ReportInvalid},
		"an id of a path's length":         {with(`"id": "0000000000000001"`, `"id": "../../../tmp/123"`), ReportInvalid},
		"an id with a line's end":          {with(`"id": "0000000000000001"`, `"id": "000000000000001\n"`), ReportInvalid},
		"an id with a zero byte":           {with(`"id": "0000000000000001"`, `"id": "000000000000001\u0000"`), ReportInvalid},
		"an id of 200 KB":                  {with(`"id": "0000000000000001"`, `"id": "`+strings.Repeat("0", 200<<10)+`"`), ReportInvalid},
		"a case with a line's end":         {with(`"id"`, `"case": "4711\nGET /", "id"`), ReportInvalid},
		"a case that turns the direction":  {with(`"id"`, `"case": "4711\u202e", "id"`), ReportInvalid},
		"a case of 65 characters":          {with(`"id"`, `"case": "`+strings.Repeat("1", 65)+`", "id"`), ReportInvalid},
		"a case that is half a character":  {with(`"id"`, `"case": "\ud800", "id"`), ReportLink},
		"findings that are none":           {with(`"findings": []`, `"findings": [1]`), ReportInvalid},
		"evidence with an escape":          {finding(`"\u001b]0;evil\u0007"`), ReportInvalid},
		"evidence with a hidden key":       {finding(`{"\u200b": 1}`), ReportInvalid},
		"a fact that is a page":            {with(`"facts": {}`, `"facts": {"popup.result": {"from": "popup", "value": "<b>"}}`), ReportInvalid},
		"256 KB and a byte":                {good + strings.Repeat(" ", maxReport+1-len(good)), ReportTooLarge},
		"more than can be read again":      {with(`"findings": []`, `"findings": [{"code": "popup.blocked", "severity": "blocking", "confidence": "certain", "params": {"oneOf": [`+strings.Repeat(`"",`, 80_000)+`""]}}]`), ReportTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.Post("http://"+address+"/reports", "application/json", strings.NewReader(test.body))
			require.NoError(t, err)
			defer r.Body.Close()
			s.refusedAs(t, r, test.want)
		})
	}
}

func TestBodiesOfTenMegabytes(t *testing.T) {
	s, address := servedReports(t)
	for name, send := range map[string]func() []io.Reader{
		"declared": func() []io.Reader {
			return []io.Reader{strings.NewReader(headOf(jsonBody, "Content-Length: 10485760") + "\r\n"), zeros(10 << 20)}
		},
		"in chunks": func() []io.Reader {
			return []io.Reader{strings.NewReader(headOf(jsonBody, "Transfer-Encoding: chunked") + "\r\n"), chunks(zeros(10 << 20))}
		},
		"declared and not sent": func() []io.Reader {
			return []io.Reader{strings.NewReader(headOf(jsonBody, "Content-Length: 10485760") + "\r\n")}
		},
		"of more than there is": func() []io.Reader {
			return []io.Reader{strings.NewReader(headOf(jsonBody, "Content-Length: 9223372036854775807") + "\r\n")}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s.refusedAs(t, raw(t, address, send()...), ReportTooLarge)
		})
	}
}

func TestMediaTypesThatAreNotJSON(t *testing.T) {
	s, address := servedReports(t)
	good := sent(t, 1, "")
	for name, lines := range map[string][]string{
		"none":                   nil,
		"text":                   {"Content-Type: text/plain"},
		"a form":                 {"Content-Type: application/x-www-form-urlencoded"},
		"a form with a file":     {"Content-Type: multipart/form-data; boundary=x"},
		"another kind of JSON":   {"Content-Type: application/json-seq"},
		"JSON behind text":       {"Content-Type: text/plain; application/json"},
		"two in one":             {"Content-Type: application/json, text/plain"},
		"two":                    {jsonBody, "Content-Type: text/plain"},
		"twice the same":         {jsonBody, jsonBody},
		"broken":                 {"Content-Type: application/json; charset"},
		"compressed":             {jsonBody, "Content-Encoding: gzip"},
		"compressed by no means": {jsonBody, "Content-Encoding: identity"},
	} {
		t.Run(name, func(t *testing.T) {
			head := headOf(append(lines, fmt.Sprintf("Content-Length: %d", len(good)))...)
			s.refusedAs(t, raw(t, address, strings.NewReader(head+"\r\n"+good)), ReportMediaType)
		})
	}
	r, err := http.Post("http://"+address+"/reports", "Application/JSON; charset=utf-8", strings.NewReader(good))
	require.NoError(t, err)
	defer r.Body.Close()
	assert.Equal(t, http.StatusCreated, r.StatusCode, "in capitals, and with a charset")
}

// TestWhatIsNotAReportsIsNotKept: what is kept is written anew from what was
// understood.
func TestWhatIsNotAReportsIsNotKept(t *testing.T) {
	good := sent(t, 1, "")
	for name, body := range map[string]string{
		"unknown keys":        strings.Replace(good, "{", `{"<script>": {"deep": [[[["evil"]]]]},`, 1),
		"a key in other case": strings.Replace(good, "{", `{"VERDICT": "evil",`, 1),
		"a key twice":         strings.Replace(good, `"verdict"`, `"verdict": "blocked", "verdict"`, 1),
		"a fact of nobody":    strings.Replace(good, `"facts": {`, `"facts": {"evil.fact": {"from": "x", "value": "<b>"}`, 1),
		"blanks":              strings.ReplaceAll(good, " ", "\r\n\t "),
		"a code of its own":   strings.Replace(good, "{", `{"supportCode": "EVIL",`, 1),
		"escapes":             strings.Replace(good, "clear", `\u0063lear`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			s, address := servedReports(t)
			r, err := http.Post("http://"+address+"/reports", "application/json", strings.NewReader(body))
			require.NoError(t, err)
			defer r.Body.Close()
			require.Equal(t, http.StatusCreated, r.StatusCode)
			assert.Equal(t, []string{good}, s.kept(t))
		})
	}
}

// TestMarkupAndControlsInEveryString: such a report is refused, or what is kept
// and answered has them as text that does nothing.
func TestMarkupAndControlsInEveryString(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "testdata", "golden", "report.json"))
	require.NoError(t, err)
	const markup, control, blank = `<img src=x onerror=alert(1)>`, "\x1b[2J\u202e\u200b\u009b31m\x7f", "a\u3164\u2800\u034f"
	s := newReportSite(t, func(o *Options) { o.Links, o.Client = nil, as(vantage.Client{}) })
	places := 0
	eachString(t, text, func(spoilt func(string) []byte) {
		places++
		for _, hostile := range []string{markup, control, blank} {
			r := ask(s, "POST", "/reports", string(spoilt(hostile)), jsonBody)
			answer := bodyOf(t, r)
			assert.NotContains(t, answer, "<")
			assert.NotContains(t, answer, "\x1b")
			events := s.takeEvents()
			require.Len(t, events, 1)
			kept := s.kept(t)
			if r.StatusCode == http.StatusBadRequest {
				assert.Empty(t, kept)
				continue
			}
			require.Equal(t, http.StatusCreated, r.StatusCode)
			require.Len(t, kept, 1)
			_, err := report.Decode([]byte(kept[0]))
			require.NoError(t, err)
			s.empty(t)
			assert.False(t, strings.ContainsAny(kept[0], "\x1b\u202e\u200b\u009b\x7f\u3164\u2800\u034f"))
		}
	})
	assert.Greater(t, places, 30)
}

// eachString calls change once for each different string and key of the JSON text,
// with what gives the text with another in its place.
func eachString(t *testing.T, text []byte, change func(spoilt func(string) []byte)) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	seen := map[string]bool{}
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return
		}
		require.NoError(t, err)
		word, ok := token.(string)
		if !ok || seen[word] {
			continue
		}
		seen[word] = true
		end := int(dec.InputOffset())
		quoted, err := json.Marshal(word)
		require.NoError(t, err)
		start := end - len(quoted)
		require.Equal(t, string(quoted), string(text[start:end]))
		change(func(other string) []byte {
			quoted, err := json.Marshal(other)
			require.NoError(t, err)
			return bytes.Join([][]byte{text[:start], quoted, text[end:]}, nil)
		})
	}
}

func TestRequestsThatAreNotAsTheyShouldBe(t *testing.T) {
	s, address := servedReports(t)
	good := sent(t, 1, "")
	length := fmt.Sprintf("Content-Length: %d", len(good))
	line := func(request string) string { return request + " HTTP/1.1\r\nHost: doctor.example\r\n" }
	const none Refusal = "" // it does not come so far
	for name, test := range map[string]struct {
		head   string
		status int
		want   Refusal
	}{
		"two lengths":                {headOf(jsonBody, length, "Content-Length: 3"), 400, none},
		"a length that is negative":  {headOf(jsonBody, "Content-Length: -1"), 400, none},
		"a length and chunks":        {headOf(jsonBody, length, "Transfer-Encoding: chunked"), 400, ReportInvalid},
		"chunks of something else":   {headOf(jsonBody, "Transfer-Encoding: gzip"), 501, none},
		"two hosts":                  {headOf(jsonBody, length, "Host: evil.example"), 400, none},
		"no host":                    {"POST /reports HTTP/1.1\r\n" + jsonBody + "\r\n" + length + "\r\n", 400, none},
		"a host that is none":        {"POST /reports HTTP/1.1\r\nHost: a b<c>\r\n" + jsonBody + "\r\n", 400, none},
		"a header with a zero byte":  {headOf(jsonBody, length, linkHeader+": a\x00b"), 400, none},
		"a header of a bare line":    {headOf(jsonBody, length, linkHeader+": a\rX-Evil: b"), 400, none},
		"a header with a blank":      {headOf(jsonBody, length, linkHeader+" : a"), 400, none},
		"a header folded":            {headOf(jsonBody, length, linkHeader+": a\r\n b"), 403, ReportLink},
		"a link of 100 KB":           {headOf(jsonBody, length, linkHeader+": "+strings.Repeat("a", 100<<10)), 403, ReportLink},
		"headers of 2 MB":            {headOf(jsonBody, length, "X: "+strings.Repeat("a", 2<<20)), 431, none},
		"an origin that is a page":   {headOf(jsonBody, length, "Origin: https://pay.example/<script>"), 403, ReportOrigin},
		"an origin of nobody":        {headOf(jsonBody, length, "Origin: null"), 403, ReportOrigin},
		"another method":             {line("PUT /reports") + length + "\r\n", 405, none},
		"a method of nobody":         {line("EVIL /reports") + length + "\r\n", 405, none},
		"a tunnel":                   {line("CONNECT /reports"), 405, none},
		"below it":                   {line("POST /reports/1") + length + "\r\n", 404, none},
		"a slash after it":           {line("POST /reports/") + length + "\r\n", 404, none},
		"upwards":                    {line("POST /reports/../x") + length + "\r\n", 307, none},
		"upwards in escapes":         {line("POST /reports%2f..%2f..%2fetc") + length + "\r\n", 404, none},
		"upwards in half of them":    {line("POST /reports/%2e%2e/x") + length + "\r\n", 404, none},
		"backwards":                  {line(`POST /reports\..\x`) + length + "\r\n", 404, none},
		"a zero byte in the address": {line("POST /reports%00.json") + length + "\r\n", 404, none},
		"in capitals":                {line("POST /REPORTS") + length + "\r\n", 404, none},
	} {
		t.Run(name, func(t *testing.T) {
			r := raw(t, address, strings.NewReader(test.head+"\r\n"+good))
			if test.want != none {
				s.refusedAs(t, r, test.want)
				return
			}
			assert.Equal(t, test.status, r.StatusCode)
			assert.Empty(t, s.kept(t))
			assert.Empty(t, s.takeEvents())
		})
	}
	r := raw(t, address, strings.NewReader("POST http://evil.example/reports HTTP/1.1\r\nHost: evil.example\r\nOrigin: https://evil.example\r\n"+ownPage+"\r\n"+jsonBody+"\r\n"+length+"\r\n\r\n"+good))
	assert.Equal(t, http.StatusCreated, r.StatusCode, "whatever the host is called: proxies call it as they will")
}

func TestABodyThatComesTooSlowlyIsGivenUp(t *testing.T) {
	s := newReportSite(t, nil)
	rs, err := newReports(Options{Inbox: broken{}, ReportReceived: s.told}.complete())
	require.NoError(t, err)
	rs.timeout = 50 * time.Millisecond
	server := httptest.NewServer(hardened(http.HandlerFunc(rs.post)))
	defer server.Close()
	stall, end := io.Pipe()
	defer end.Close()
	r := raw(t, server.Listener.Addr().String(), strings.NewReader(headOf(jsonBody, "Content-Length: 1000")+"\r\n{"), stall)
	s.refusedAs(t, r, ReportTimeout)
	assert.Empty(t, rs.reading, "its place is free again")
}

func TestABodyThatBreaksOffIsToldOnce(t *testing.T) {
	s, address := servedReports(t)
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	require.NoError(t, err)
	_, err = io.WriteString(c, headOf(jsonBody, "Content-Length: 1000")+"\r\n{")
	require.NoError(t, err)
	require.NoError(t, c.Close())
	var events []ReportEvent
	require.Eventually(t, func() bool { events = append(events, s.takeEvents()...); return len(events) > 0 }, time.Minute, time.Millisecond)
	assert.Equal(t, []ReportEvent{{Status: 400, Reason: ReportInvalid}}, events)
	assert.Empty(t, s.kept(t))
}

func TestMoreAtOnceThanAreReadAreRefused(t *testing.T) {
	rs, err := newReports(Options{Inbox: broken{}}.complete())
	require.NoError(t, err)
	for range maxReading {
		rs.reading <- struct{}{}
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/reports", strings.NewReader(sent(t, 1, "")))
	r.Header.Set("Content-Type", "application/json")
	rs.post(w, r)
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Len(t, rs.reading, maxReading)
}

// TestMemoryIsBoundedWhateverComes: 200 clients send at once what costs most. A
// body of each is 50 MB, four reports that are decoded are 80 MB, and as much again
// may wait for the garbage collector, which is not measured: how much does depends on
// all else in the process too.
func TestMemoryIsBoundedWhateverComes(t *testing.T) {
	const clients = 200
	const bound = 256 << 20
	good := sent(t, 1, "")
	costly := strings.Replace(good, `"findings": []`, `"findings": [{"code": "popup.blocked", "severity": "blocking", "confidence": "certain", "evidence": [{"fact": "popup.result", "value": [`+strings.Repeat("[[[]]],", 30_000)+`0]}]}]`, 1)
	require.Less(t, len(costly), maxReport)
	for name, send := range map[string]func() (string, io.Reader){
		"ten megabytes, declared":  func() (string, io.Reader) { return "Content-Length: 10485760", zeros(10 << 20) },
		"ten megabytes, in chunks": func() (string, io.Reader) { return "Transfer-Encoding: chunked", chunks(zeros(10 << 20)) },
		"lists of lists": func() (string, io.Reader) {
			return fmt.Sprintf("Content-Length: %d", len(costly)), strings.NewReader(costly)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, address := servedReports(t)
			highest := watchedHeap()
			var senders sync.WaitGroup
			for range clients {
				senders.Go(func() {
					length, body := send()
					r := raw(t, address, strings.NewReader(headOf(jsonBody, length)+"\r\n"), body)
					assert.GreaterOrEqual(t, r.StatusCode, 400)
				})
			}
			senders.Wait()
			assert.Less(t, 2*highest(), uint64(bound))
			assert.Len(t, s.takeEvents(), clients)
			assert.Empty(t, s.kept(t))
		})
	}
}

// watchedHeap watches the heap that is in use, without garbage and beyond what is in
// use at its start, until highest is called. The collector, which alone knows, runs
// often meanwhile.
func watchedHeap() (highest func() uint64) {
	usual := debug.SetGCPercent(10)
	runtime.GC()
	before := heapInUse()
	var most atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				most.Store(max(most.Load(), heapInUse()))
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-stopped
		debug.SetGCPercent(usual)
		return max(most.Load(), before) - before
	}
}

// heapInUse returns how many bytes the collector last found in use.
func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// FuzzReports: whatever is sent, the answer is one of the contract's, is told once,
// and what is kept can be read and is written in the one form.
func FuzzReports(f *testing.F) {
	golden, err := os.ReadFile(filepath.Join("..", "testdata", "golden", "report.json"))
	require.NoError(f, err)
	good := sent(f, 1, "4711")
	for _, body := range []string{good, string(golden), strings.Replace(good, `"timing": {}`, `"timing": {"total": 1e300}`, 1), "{", strings.Repeat("[", 40)} {
		f.Add(body, "application/json", "", "", "", false)
		f.Add(body, "application/json; charset=utf-8", "https://pay.example", "cross-site", "", true)
	}
	f.Add(good, "text/plain", "null", "none", "case=4711&from=0&until=1&sig=1.aaaa.", true)
	others := func(o *Options) { o.Client = anotherEachTime() }
	signed := newReportSite(f, others)
	unsigned := newReportSite(f, func(o *Options) { others(o); o.Links = nil })
	f.Add(good, "application/json", "", "same-origin", signed.query(f, "4711"), true)
	f.Fuzz(func(t *testing.T, body, mediaType, origin, site, query string, links bool) {
		s := unsigned
		if links {
			s = signed
		}
		r := httptest.NewRequest("POST", "/reports", strings.NewReader(body))
		r.Header["Content-Type"] = []string{mediaType}
		for name, value := range map[string]string{"Origin": origin, "Sec-Fetch-Site": site, linkHeader: query} {
			if value != "" {
				r.Header[name] = []string{value}
			}
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)

		events := s.takeEvents()
		require.Len(t, events, 1)
		assert.Equal(t, w.Code, events[0].Status)
		var answer map[string]string
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
		if events[0].Reason != "" {
			assert.Equal(t, refusalStatus[events[0].Reason], w.Code)
			assert.Equal(t, map[string]string{"error": string(events[0].Reason)}, answer)
			return
		}
		assert.Contains(t, []int{http.StatusOK, http.StatusCreated}, w.Code)
		require.True(t, inbox.IsID(answer["id"]))
		kept := s.kept(t)
		require.Len(t, kept, 1)
		again, err := report.Decode([]byte(kept[0]))
		require.NoError(t, err)
		encoded, err := report.Encode(again)
		require.NoError(t, err)
		assert.Equal(t, kept[0], string(encoded))
		assert.Equal(t, report.Code(again), answer["code"])
		assert.True(t, again.Case == "" || !links || events[0].Signed || origin == "https://pay.example", "a case that nothing proves")
		s.empty(t)
	})
}

// anotherEachTime finds another client in each request, so that none is limited.
func anotherEachTime() func(*http.Request) vantage.Client {
	var asked atomic.Uint32
	return func(*http.Request) vantage.Client {
		return vantage.Client{Address: netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, asked.Add(1))))}
	}
}

// empty takes all reports away.
func (s *reportSite) empty(t testing.TB) {
	t.Helper()
	entries, err := os.ReadDir(s.inbox)
	require.NoError(t, err)
	for _, e := range entries {
		require.NoError(t, os.Remove(filepath.Join(s.inbox, e.Name())))
	}
}
