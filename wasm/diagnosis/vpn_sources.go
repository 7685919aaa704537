//go:build !js

package diagnosis

// signalSource says why something is a signal.
func signalSource(name string) string {
	return map[string]string{
		"zone":            "IANA time zone database, zone1970.tab: https://data.iana.org/time-zones/tzdb/zone1970.tab",
		"language":        "RFC 5646, 2.2.4: https://www.rfc-editor.org/rfc/rfc5646#section-2.2.4",
		"vpn-network":     "the vantage's list of networks, with a source each: web/vantage",
		"hosting-network": "the vantage's list of networks, with a source each: web/vantage",
		"webrtc-address":  "RFC 8828, 3: https://www.rfc-editor.org/rfc/rfc8828#section-3",
		"segment-size":    "RFC 9293, 3.7.1: https://www.rfc-editor.org/rfc/rfc9293#section-3.7.1; wg-quick(8), MTU of 1420",
		"round-trip":      "Ramesh et al., CalcuLatency: Leveraging Cross-Layer Network Latency Measurements to Detect Proxy-Enabled Abuse, USENIX Security 2024",
	}[name]
}
