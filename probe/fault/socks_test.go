package fault_test

import (
	"bytes"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"checkoutdoctor/probe/fault"
)

func TestASOCKSRequest(t *testing.T) {
	const asks = "\x05\x01\x00"
	for name, test := range map[string]struct {
		request, address string
		reply            byte
		fail             string // what it says; empty for nothing
	}{
		"for a name":              {asks + "\x03\x0facs.issuer.test\x01\xbb", "acs.issuer.test:443", 0, ""},
		"for an IPv4 address":     {asks + "\x01\x7f\x00\x00\x01\x00\x50", "127.0.0.1:80", 0, ""},
		"for an IPv6 address":     {asks + "\x04" + strings.Repeat("\x00", 15) + "\x01\x1f\x90", "[::1]:8080", 0, ""},
		"to be called back":       {"\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50", "", 7, "there is no command 2"},
		"to pass datagrams on":    {"\x05\x03\x00\x01\x7f\x00\x00\x01\x00\x50", "", 7, "there is no command 3"},
		"of another kind":         {asks + "\x02\x00\x00", "", 8, "there is no kind of address 2"},
		"for no name":             {asks + "\x03\x00\x01\xbb", "", 8, `"" is no host name`},
		"for a name with a port":  {asks + "\x03\x08a.test:1\x01\xbb", "", 8, `"a.test:1" is no host name`},
		"of another version":      {"\x04\x01\x01\xbb\x7f\x00\x00\x01\x00", "", 0, "version 4 is not spoken here"},
		"that ends early":         {asks, "", 0, "unexpected EOF"},
		"that ends in the length": {asks + "\x03", "", 0, "EOF"},
		"that ends in the name":   {asks + "\x03\x0facs.", "", 0, "unexpected EOF"},
		"that ends in the port":   {asks + "\x01\x7f\x00\x00\x01\x00", "", 0, "unexpected EOF"},
		"of nobody":               {"", "", 0, "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			address, reply, err := fault.ReadSOCKSRequest(strings.NewReader(test.request))
			assert.Equal(t, test.address, address)
			assert.Equal(t, test.reply, reply)
			if test.fail == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, "read the SOCKS request: ")
			assert.ErrorContains(t, err, test.fail)
		})
	}
}

func FuzzSOCKSRequest(f *testing.F) {
	f.Add([]byte("\x05\x01\x00\x03\x0facs.issuer.test\x01\xbb"))
	f.Add([]byte("\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50rest"))
	f.Add([]byte("\x05\x01\x00\x04" + strings.Repeat("\x00", 18)))
	f.Add([]byte("\x05\x02\x00\x03\x01:\x00\x00"))
	f.Fuzz(func(t *testing.T, request []byte) {
		address, reply, err := fault.ReadSOCKSRequest(bytes.NewReader(request))
		if err != nil {
			assert.Empty(t, address)
			return
		}
		assert.Zero(t, reply)
		host, port, err := net.SplitHostPort(address)
		require.NoError(t, err)
		assert.NotEmpty(t, host)
		number, err := strconv.ParseUint(port, 10, 16)
		require.NoError(t, err)
		assert.Equal(t, strconv.FormatUint(number, 10), port)
	})
}

func FuzzSOCKSGreeting(f *testing.F) {
	f.Add([]byte("\x05\x01\x00"))
	f.Add([]byte("\x05\x02\x00\x02rest"))
	f.Add([]byte("\x04\x01"))
	f.Fuzz(func(t *testing.T, greeting []byte) {
		methods, err := fault.ReadSOCKSGreeting(bytes.NewReader(greeting))
		if err != nil {
			return
		}
		assert.EqualValues(t, 5, greeting[0])
		assert.Equal(t, greeting[2:2+int(greeting[1])], methods)
	})
}

func TestWhatASOCKSProxyAnswers(t *testing.T) {
	proxy, err := fault.NewProxy(t.Context(), fault.Options{SOCKS: true, Rest: fault.Rule{Action: fault.NoHost}})
	require.NoError(t, err)
	defer proxy.Close()
	const closed = "" // nothing more
	greeting, greeted := "\x05\x01\x00", "\x05\x00"
	address := strings.Repeat("\x00", 6)
	for name, test := range map[string]struct{ says, answers string }{
		"no authentication that it knows": {"\x05\x01\x02", "\x05\xff"},
		"another version":                 {"\x04\x01", closed},
		"nothing of use":                  {greeting + "\x05\x02\x00\x01\x7f\x00\x00\x01\x00\x50", greeted + "\x05\x07\x00\x01" + address},
		"a name that nobody knows":        {greeting + "\x05\x01\x00\x03\x01a\x01\xbb", greeted + "\x05\x04\x00\x01" + address},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(proxy.URL(), "socks5://"))
			require.NoError(t, err)
			defer conn.Close()
			require.NoError(t, conn.SetDeadline(time.Now().Add(limit)))
			_, err = io.WriteString(conn, test.says)
			require.NoError(t, err)
			answers, err := io.ReadAll(conn)
			require.NoError(t, err)
			assert.Equal(t, test.answers, string(answers))
		})
	}
}
