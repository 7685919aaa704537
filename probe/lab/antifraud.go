package lab

import (
	"embed"
	"net/http"
	"strings"
)

// The hosts of the two anti-fraud services for which the lab stands in, under
// the names that they have on the web: filter lists know them by these. The
// browser has to be told that they are here, see [Lab.StandIns].
const (
	profilingHost = "h.online-metrix.net"
	snareHost     = "mpsnare.iesnare.com"
)

// The scripts of anti-fraud services that a payment page can need.
const (
	profilingScript = "https://" + profilingHost + "/fp/tags.js"
	snareScript     = "https://" + snareHost + "/snare.js"
	// lostScript is of a service for which nobody stands in: no resolver of a
	// browser that looks nowhere outside knows its name.
	lostScript = "https://cdn9.forter.com/script.js"
)

//go:embed standin/profile.js
var standInFiles embed.FS

// standIns lists the hosts of others for which the lab stands in.
func standIns() []string { return []string{profilingHost, snareHost} }

// StandIns returns the hosts outside of .test that the lab serves in place of
// their owners, for payment pages with the fault anti-fraud: the browser has to
// map their port 443 to [Lab.Address] too. Without HTTPS there are none.
func (l *Lab) StandIns() []string {
	if l.o.PlainHTTPLocalhost {
		return nil
	}
	return standIns()
}

// antiFraudSites are the stand-ins by host.
func antiFraudSites() byHost {
	mux := http.NewServeMux()
	for _, path := range []string{"/fp/tags.js", "/snare.js"} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
			http.ServeFileFS(w, r, standInFiles, "standin/profile.js")
		})
	}
	sites := byHost{}
	for _, host := range standIns() {
		sites[host] = mux
	}
	return sites
}

// antiFraudScripts are the scripts without which the page does not pay.
func antiFraudScripts(faults faultSet) []string {
	var scripts []string
	if faults.has(antiFraud) {
		scripts = append(scripts, profilingScript, snareScript)
	}
	if faults.has(antiFraudDNS) {
		scripts = append(scripts, lostScript)
	}
	return scripts
}

// signals are the hosts of those scripts, separated by spaces.
func signals(faults faultSet) string {
	var hosts []string
	for _, script := range antiFraudScripts(faults) {
		hosts = append(hosts, hostOf(script))
	}
	return strings.Join(hosts, " ")
}

// antiFraudOrigins are the origins of those scripts, for the page's policy.
func antiFraudOrigins(faults faultSet) []string {
	var origins []string
	for _, script := range antiFraudScripts(faults) {
		origins = append(origins, "https://"+hostOf(script))
	}
	return origins
}
