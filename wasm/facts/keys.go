package facts

// The keys, by family. A key's name is in every report: it is never changed
// without an alias that keeps the old one readable.
var (
	// environment: where the run takes place.
	Mode           = Enum("environment.mode", "how the diagnostic was started", "embed", "link", "watch", "probe")
	Engine         = Enum("environment.engine", "the browser's engine, which decides what some signals mean", "chromium", "firefox", "webkit", "other")
	SecureContext  = Bool("environment.secure-context", "the page is a secure context (HTTPS or loopback)")
	CrossIsolated  = Bool("environment.cross-origin-isolated", "the page is cross-origin isolated, so frames without COEP are blocked")
	UserActivation = Bool("environment.user-activation", "the run started in a user's gesture")
	InAppWebView   = Bool("environment.in-app-web-view", "the user agent is that of an app's built-in browser")
	Browser        = Enum("environment.browser", "the browser by the name that it gives itself, which decides the steps that are shown", "chrome", "edge", "safari", "firefox", "brave", "samsung", "other")
	Platform       = Enum("environment.platform", "what the browser runs on, which decides the steps that are shown", "desktop", "ios", "android")
	Languages      = Tokens("environment.languages", "the languages that the browser asks pages for, BCP 47, the most wanted first")
	ModuleProblem  = Enum("environment.module-problem", "why the diagnostic's module could not run in the page itself", "core", "network", "policy", "integrity", "version", "unsupported", "crash")
	IsolatedFrame  = Enum("environment.isolated-frame", "what became of the frame of the diagnostic's own, in which the module runs where the page keeps it out; refused is by the page's policy, failed by the frame itself", "ran", "refused", "silent", "failed")

	// popup: what our own check in the click saw, and what the host page says of its own window.
	PopupResult           = Enum("popup.result", "what window.open gave in the click", "window", "null", "threw")
	PopupActivationBefore = Bool("popup.activation-before", "the click's activation was there before window.open")
	PopupActivationSpent  = Bool("popup.activation-spent", "window.open used the click's activation up, as the browser's own function does")
	PopupNative           = Bool("popup.native", "window.open is the browser's own function by its text")
	PopupHello            = Bool("popup.hello", "the opened page said hello from within")
	PopupClosedEarly      = Bool("popup.closed-early", "the opened window was closed by somebody else before the check ended")
	PopupSandboxed        = Bool("popup.sandboxed", "the diagnostic runs in a sandboxed frame that may not open windows")
	HostPopupResult       = Enum("popup.host-result", "what the host page got for its own 3-D Secure window", "window", "null", "closed")
	HostPopupActivation   = Bool("popup.host-activation", "the host page still had an activation when it opened its window")
	HostPopupSecond       = Bool("popup.host-second", "the host page had opened another window in the same gesture before")

	// cookie and storage: what this origin may keep.
	CookieEnabled       = Bool("cookie.enabled", "navigator.cookieEnabled")
	CookieKept          = Bool("cookie.kept", "a cookie written by script on this origin could be read back")
	CookieCount         = Int("cookie.count", "cookies that script sees on this page")
	CookieBytes         = Int("cookie.bytes", "bytes of those cookies as a Cookie header has them")
	CookieDuplicates    = Int("cookie.duplicates", "names that more than one of those cookies has")
	CookieDated         = Bool("cookie.dated-kept", "a cookie is kept that by the vantage's clock has an hour to live")
	HeaderBytes         = Int("cookie.header-bytes", "bytes of cookies in a request to the vantage, as its server saw them, where it is of the page's own origin; those that script cannot see count")
	HeaderCount         = Int("cookie.header-count", "how many cookies those are")
	HeaderLimit         = Int("cookie.header-limit", "bytes of cookies that the host page's server takes, handed in by the host page")
	SessionAnswer       = Enum("cookie.session-answer", "the host page's control URL, asked with this site's cookies; refused is 401 or 403, too-large 431, bad-request 400 or 413, other any further answer", "answered", "refused", "too-large", "bad-request", "other", "failed", "timed-out")
	BareAnswer          = Enum("cookie.bare-answer", "the same URL, asked without cookies", "answered", "refused", "too-large", "bad-request", "other", "failed", "timed-out")
	SessionAtLoad       = Enum("cookie.session-at-load", "whether the session's cookie came with the request for this page, as its server says; handed in by the host page", "present", "missing")
	LocalStorage        = Enum("storage.local", "a write to localStorage on this origin", "kept", "lost", "refused", "threw", "full")
	SessionStorage      = Enum("storage.session", "a write to sessionStorage on this origin", "kept", "lost", "refused", "threw", "full")
	IndexedDB           = Enum("storage.indexed-db", "a write to IndexedDB on this origin", "kept", "lost", "refused", "threw", "full")
	CacheAPI            = Enum("storage.cache-api", "a write to Cache Storage on this origin", "kept", "lost", "refused", "threw", "full")
	StorageLostOnLoad   = Tokens("storage.lost-on-load", "of the kinds of storage that keep a write, those that had lost it when another page of this origin was loaded")
	ThirdPartyStorage   = Enum("storage.third-party", "a write to localStorage in the cross-site helper frame", "kept", "lost", "refused")
	ThirdPartyDivided   = Bool("storage.third-party-partitioned", "the helper's storage in a cross-site frame is another than where the helper is the page itself")
	ThirdPartyHeader    = Bool("cookie.third-party-header", "the helper's server got its unpartitioned cookie back in a cross-site frame")
	ThirdPartyScript    = Bool("cookie.third-party-script", "script in the cross-site helper frame sees its unpartitioned cookie")
	PartitionedHeader   = Bool("cookie.partitioned-header", "the helper's server got its Partitioned cookie back in a cross-site frame")
	StorageAccess       = Bool("cookie.storage-access", "document.hasStorageAccess() in the cross-site helper frame")
	StorageAccessHeader = Enum("cookie.storage-access-header", "Sec-Fetch-Storage-Access as the helper's server saw it", "none", "inactive", "active", "absent")

	// cache: whether this page runs what the server has.
	WorkerControls = Bool("cache.worker-controls", "a service worker controls the page")
	WorkerStale    = Bool("cache.worker-stale", "the controlling worker answers with other bytes for one of the page's files than the server does")
	ScriptStale    = Bool("cache.script-stale", "the HTTP cache holds other bytes for one of the page's files than the server sends")
	AssetsChecked  = Int("cache.assets-checked", "how many of the page's files were compared with the server's")
	PageFrom       = Enum("cache.page-from", "where the page's document came from", "network", "cache", "worker")
	BuildDiffers   = Bool("cache.build-differs", "the host page's server says another build than the one that the page runs")
	WorkerWaiting  = Bool("cache.worker-waiting", "a newer service worker is installed and waits for the old one to go")
	StorageStale   = Bool("cache.storage-stale", "Cache Storage holds other bytes for one of the page's files than the server sends")
	ChunkMissing   = Bool("cache.chunk-missing", "a script or style sheet of the page's own origin was not there: an error, or a page in its place")
	Integrity      = Enum("cache.integrity", "the files of the page's own origin that it demands by hash: all passed, a cached copy is another than the server's, or the server's own is", "passed", "cached", "server")

	// network: what can be reached from here.
	Online          = Bool("network.online", "navigator.onLine")
	ControlReached  = Enum("network.control", "a request to the diagnostic's own origin; other: something else answered in its place", "answered", "other", "failed", "timed-out")
	ControlSocket   = Enum("network.control-socket", "a WebSocket to the diagnostic's own origin", "answered", "failed", "timed-out")
	PageOrigin      = Enum("network.page-origin", "the page's own origin, asked where the control did not answer; other: it answers what the page may not read, as a sign-in page does that it leads to", "answered", "other", "failed", "timed-out")
	ProviderReached = Enum("network.provider", "the payment provider's origins that the host page handed in, the worst of them", "answered", "failed", "timed-out")
	ProviderOrigin  = Origin("network.provider-origin", "the first of them that did not answer")
	ProviderSibling = Bool("network.provider-sibling", "another of the provider's origins, under the same domain as that one, answered")
	OfflineEvents   = Int("network.offline-events", "how often the browser said that it went offline during the run")
	RequestsLost    = Int("network.requests-lost", "small requests of ours that failed where the same was answered just before or after")
	RoundTrip       = Int("network.round-trip", "the least time that one of those requests took, in milliseconds")
	Download        = Enum("network.download", "a large answer of the vantage's server, while small ones pass; cut: it ended early", "passed", "stalled", "cut", "failed")
	Upload          = Enum("network.upload", "a large request to the vantage's server, while small ones pass", "passed", "stalled", "failed")
	Throughput      = Int("network.throughput", "how fast that answer came, in kbit/s")

	// vantage: what its server sees of the connection.
	VantageReached    = Enum("network.vantage", "a request to the vantage", "answered", "failed", "timed-out")
	AddressCountry    = Token("network.address-country", "ISO 3166 country of the public address, as the vantage sees it")
	AddressKind       = Enum("network.address-kind", "what kind of network the public address is of; other: none of these that the vantage knows of", "hosting", "vpn", "relay", "mobile", "other")
	AddressFamily     = Enum("network.address-family", "the public address's family, IPv4 or IPv6", "4", "6")
	SegmentSize       = Int("network.segment-size", "the maximum segment size that the connection's first packet announced, in bytes (Linux servers)")
	PathMTU           = Int("network.path-mtu", "the path's MTU towards the browser as the server's kernel has it, in bytes (Linux servers)")
	TCPRoundTrip      = Int("network.tcp-round-trip", "the least round trip of the connection as the server's kernel measured it, in milliseconds (Linux servers)")
	HTTPVersion       = Enum("network.http-version", "the HTTP version of the request that reached the vantage's server", "1.0", "1.1", "2", "3")
	ProxyHeaders      = Tokens("network.proxy-headers", "names of the header fields in it by which proxies tell of themselves")
	TLSBy             = Enum("network.tls", "whether the TLS handshake that reached the vantage's server is one of this browser's, or one that somebody in between began", "own", "replaced")
	ClockSkew         = Int("network.clock-skew", "how far the browser's clock is ahead of the vantage's, in seconds; negative: behind")
	ClockConfirmed    = Bool("network.clock-confirmed", "the page's own server tells the same time as the vantage, within five minutes; asked where the browser's clock seems wrong")
	Candidates        = Enum("network.candidates", "the address that WebRTC goes out by against the one of our requests; other-family: one is IPv4 and one IPv6; none: WebRTC has no public address", "same", "other", "other-family", "none")
	TimeZone          = Token("network.time-zone", "the browser's IANA time zone")
	TimeZoneCountries = Tokens("network.time-zone-countries", "ISO 3166 countries that use the browser's time zone")
	HelperReached     = Enum("network.helper", "the cross-site helper frame", "answered", "failed", "timed-out")
	HelperSocket      = Enum("network.helper-socket", "a WebSocket to the helper", "answered", "failed", "timed-out")
	LocalNetwork      = Enum("network.local-permission", "the permission to reach the local network, which pages of the internet need for it (Chromium)", "granted", "prompt", "denied")
	ConnectSrcRefused = Bool("network.connect-src-refused", "the page's own policy refused one of our requests, which voids them as evidence")

	// blocker: what a content blocker does to a file of ours with a name that its lists block.
	ScriptBait      = Enum("blocker.acs-script-bait", "our own file under a name that issuers use and filter lists block, beside a control that must pass; replaced: something else answered", "passed", "blocked", "replaced")
	Baits           = Tokens("blocker.baits", "of our own files under names that filter lists block on every host, those that did not come, beside a control that must pass")
	AntiFraud       = Enum("blocker.anti-fraud", "a script of an anti-fraud service that the page loads", "loaded", "blocked")
	AntiFraudOrigin = Origin("blocker.anti-fraud-origin", "origin of that script")
	Decoy           = Enum("blocker.decoy", "a frame of ours with the id and the classes of the challenge frame, put in where that one is hidden or gone", "kept", "hidden", "removed")

	// page: what the page may do, by its own headers.
	PageReferrer   = Enum("page.referrer", "where the page was opened from, by document.referrer", "none", "same-origin", "other-origin")
	OpenerPolicy   = Enum("page.opener-policy", "the page's Cross-Origin-Opener-Policy, looked up where a window was lost", "unsafe-none", "same-origin-allow-popups", "same-origin", "noopener-allow-popups")
	DeniedFeatures = Tokens("page.denied-features", "of the features that a challenge by passkey needs, those that the page's Permissions-Policy denies it (Chromium)")

	// threeds: the challenge frame and what stands behind it.
	FramePresent        = Bool("threeds.frame.present", "the challenge frame is in the page")
	FrameLoads          = Int("threeds.frame.loads", "load events of the challenge frame after its initial about:blank")
	FrameAccess         = Enum("threeds.frame.access", "what reading the frame's location gives", "cross-origin", "blank", "same-origin")
	FrameSandbox        = Tokens("threeds.frame.sandbox", "tokens of the frame's sandbox attribute")
	FrameSandboxed      = Bool("threeds.frame.sandboxed", "the frame has a sandbox attribute")
	FrameWidth          = Int("threeds.frame.width", "the frame's width in CSS pixels")
	FrameHeight         = Int("threeds.frame.height", "the frame's height in CSS pixels")
	FrameCollapsed      = Bool("threeds.frame.collapsed", "the frame has no boxes although its style shows it: the mark of a blocked frame in Chromium")
	FrameHidden         = Bool("threeds.frame.hidden", "the frame's computed style hides it")
	FrameChildren       = Int("threeds.frame.children", "frames within the challenge frame; more than none is a sign of life")
	FrameMessages       = Int("threeds.frame.messages", "messages that came from the challenge frame")
	FrameCompleted      = Bool("threeds.frame.completed", "the challenge frame reported the challenge's end by message")
	FrameFocused        = Bool("threeds.frame.focused", "the focus moved into the frame, a sign of life")
	FrameWrapped        = Bool("threeds.frame.wrapped", "the frame was opened with an address of another site than the issuer's: it has a page of the payment provider's, and the issuer's within")
	FrameCount          = Int("threeds.frame.count", "challenge frames that were in the page at the same time, the most that were seen")
	FrameRemoved        = Bool("threeds.frame.removed", "the frame was taken out of the page")
	FrameLived          = Int("threeds.frame.lived", "how long the frame has been in the page, or was until it was taken out, in milliseconds")
	FrameCovered        = Bool("threeds.frame.covered", "something else lies over every part of the frame that is in the viewport")
	FrameBehindDialog   = Bool("threeds.frame.behind-dialog", "a modal dialog is open and the frame is not in it, so that it takes no input")
	FrameAllow          = Tokens("threeds.frame.allow", "of the features that a challenge by passkey needs, those that the frame's allow attribute hands on")
	FrameLeft           = Bool("threeds.frame.left", "while the user was in the frame the whole page went elsewhere, and they came back")
	FrameStatus         = Int("threeds.frame.status", "HTTP status of the document in the frame, where it is of the page's own origin")
	FrameFromWorker     = Bool("threeds.frame.from-worker", "a service worker of the page's answered for the document in the frame, where it is of the page's own origin")
	FrameNullOrigin     = Bool("threeds.frame.null-origin", "a message came from the challenge frame with the opaque origin null")
	ChallengeTimedOut   = Bool("threeds.challenge.timed-out", "the challenge's time limit ran out before it reported its end")
	WindowSize          = Enum("threeds.challenge.window-size", "challengeWindowSize, handed in by the host page", "01", "02", "03", "04", "05")
	MessageAge          = Int("threeds.message.age", "milliseconds since the challenge first reported its end by message")
	MessageCRes         = Enum("threeds.message.cres", "how the CRes in that message is encoded; none where it carries no CRes", "none", "unpadded", "padded", "malformed")
	MessageTransaction  = Enum("threeds.message.transaction", "the transaction that the message names, against the one that the host page handed in", "same", "other", "absent")
	NotificationOrigin  = Origin("threeds.notification.origin", "origin of the notification URL, handed in by the host page")
	NotificationSame    = Bool("threeds.notification.same-origin", "the notification URL is of the page's own origin")
	NotificationFits    = Bool("threeds.notification.fits", "the notification URL is an HTTPS URL of at most 256 characters, as the protocol demands")
	NotificationFraming = Enum("threeds.notification.framing", "what the notification URL's headers say of being framed, where it is of the page's own origin", "allowed", "forbidden")
	ViolationFrameSrc   = Bool("threeds.violation.frame-src", "the page's policy refused to frame the issuer")
	ViolationFormAction = Bool("threeds.violation.form-action", "the page's policy refused to post to the issuer")
	ViolationFrameHop   = Bool("threeds.violation.frame-src-redirect", "the page's policy refused to frame another site while the challenge was loading: where the issuer redirects to")
	ViolationFormHop    = Bool("threeds.violation.form-action-redirect", "the page's policy refused to post to the issuer although it lists it: where the issuer redirects to")
	ViolationScriptSrc  = Bool("threeds.violation.script-src", "the page's policy refused a script of the payment provider's")
	ViolationTypes      = Bool("threeds.violation.trusted-types", "the page's Trusted Types refused something that a script of the page's did")
	ReportAncestors     = Bool("threeds.report.frame-ancestors", "the browser reported that the issuer's policy forbids this page to frame it")
	ReportIsolation     = Bool("threeds.report.isolation", "the browser reported that the page's isolation blocks the frame")
	ACSOrigin           = Origin("threeds.acs.origin", "origin of the issuer's challenge page")
	ACSFetch            = Enum("threeds.acs.fetch", "a no-cors request to the issuer's origin", "answered", "failed", "timed-out")
	ACSObject           = Enum("threeds.acs.object", "an <object> with the issuer's page: loaded needs a 2xx that may be framed", "loaded", "failed", "timed-out")
	ACSPrefetch         = Enum("threeds.acs.prefetch", "a prefetch of the issuer's page: loaded needs a 2xx, framed or not (Chromium)", "loaded", "failed", "timed-out")
	MethodIndicator     = Enum("threeds.method.indicator", "threeDSCompInd of the 3DS Method: done, no callback in time, no method", "Y", "N", "U")
	TransStatus         = Enum("threeds.outcome.trans-status", "the gateway's transStatus, handed in by the host page", "Y", "N", "U", "A", "C", "D", "R", "I", "S")
	TransStatusReason   = Token("threeds.outcome.trans-status-reason", "the gateway's transStatusReason, two digits, handed in by the host page")
	ErrorCode           = Token("threeds.outcome.error-code", "the protocol's error code that the 3DS Server was told, three digits, handed in by the host page")
	DeclineCode         = Token("payment.decline-code", "the gateway's decline code, such as expired_card or 54, handed in by the host page")

	// canary: our own harmless 3DS Method and challenge, in frames like the real ones.
	CanaryOrigin    = Origin("canary.origin", "origin of the canary")
	CanaryMethod    = Enum("canary.method", "the canary's 3DS Method", "done", "timed-out")
	CanaryChallenge = Enum("canary.challenge", "the canary's challenge", "completed", "timed-out", "collapsed")
	CanaryReached   = Enum("canary.reached", "the request that opens the canary's transaction", "answered", "failed", "timed-out")
	CanaryStatus    = Int("canary.status", "HTTP status of that request's answer")
	CanaryLoops     = Bool("canary.loops", "that request is redirected without end")
)

// All lists every declared key, in the order of the report's documentation. A
// test compares it with the declarations above.
func All() []Declared {
	return []Declared{
		Mode, Engine, SecureContext, CrossIsolated, UserActivation, InAppWebView, Browser, Platform, Languages,
		ModuleProblem, IsolatedFrame,
		PopupResult, PopupActivationBefore, PopupActivationSpent, PopupNative, PopupHello, PopupClosedEarly,
		PopupSandboxed, HostPopupResult, HostPopupActivation, HostPopupSecond,
		CookieEnabled, CookieKept, CookieCount, CookieBytes, CookieDuplicates, CookieDated,
		HeaderBytes, HeaderCount, HeaderLimit, SessionAnswer, BareAnswer, SessionAtLoad,
		LocalStorage, SessionStorage, IndexedDB, CacheAPI, StorageLostOnLoad,
		ThirdPartyHeader, ThirdPartyScript, PartitionedHeader, StorageAccess, StorageAccessHeader,
		ThirdPartyStorage, ThirdPartyDivided,
		WorkerControls, WorkerStale, ScriptStale, AssetsChecked,
		PageFrom, BuildDiffers, WorkerWaiting, StorageStale, ChunkMissing, Integrity,
		Online, ControlReached, ControlSocket, PageOrigin, ProviderReached, ProviderOrigin, ProviderSibling,
		OfflineEvents, RequestsLost, RoundTrip, Download, Upload, Throughput,
		VantageReached, AddressCountry, AddressKind, AddressFamily, SegmentSize, PathMTU, TCPRoundTrip,
		HTTPVersion, ProxyHeaders, TLSBy, ClockSkew, ClockConfirmed, Candidates,
		TimeZone, TimeZoneCountries, HelperReached, HelperSocket,
		LocalNetwork, ConnectSrcRefused,
		ScriptBait, Baits, AntiFraud, AntiFraudOrigin, Decoy,
		PageReferrer, OpenerPolicy, DeniedFeatures,
		FramePresent, FrameLoads, FrameAccess, FrameSandbox, FrameSandboxed, FrameWidth, FrameHeight,
		FrameCollapsed, FrameHidden, FrameChildren, FrameMessages, FrameCompleted, FrameFocused,
		FrameWrapped, FrameCount, FrameRemoved, FrameLived, FrameCovered, FrameBehindDialog, FrameAllow, FrameLeft,
		FrameStatus, FrameFromWorker, FrameNullOrigin, ChallengeTimedOut, WindowSize,
		MessageAge, MessageCRes, MessageTransaction,
		NotificationOrigin, NotificationSame, NotificationFits, NotificationFraming,
		ViolationFrameSrc, ViolationFormAction, ViolationFrameHop, ViolationFormHop, ViolationScriptSrc, ViolationTypes,
		ReportAncestors, ReportIsolation,
		ACSOrigin, ACSFetch, ACSObject, ACSPrefetch, MethodIndicator,
		TransStatus, TransStatusReason, ErrorCode, DeclineCode,
		CanaryOrigin, CanaryMethod, CanaryChallenge, CanaryReached, CanaryStatus, CanaryLoops,
	}
}
