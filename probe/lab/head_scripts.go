package lab

// The scripts that stand before all others in the pages with the variants
// page-monitored and click-spent.
const (
	pathMonitor    = "/assets/monitor.js"
	pathSpendClick = "/assets/spend-click.js"
)

// headScripts are the page's classic scripts, which run in this order before
// all its modules: what monitors the page comes first, as it does on the web.
func headScripts(faults faultSet) []string {
	var scripts []string
	if faults.has(pageMonitored) {
		scripts = append(scripts, pathMonitor)
	}
	if faults.has(clickSpent) {
		scripts = append(scripts, pathSpendClick)
	}
	return append(scripts, antiFraudScripts(faults)...)
}
