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

	// cookie and storage: what this origin may keep.
	CookieEnabled       = Bool("cookie.enabled", "navigator.cookieEnabled")
	CookieKept          = Bool("cookie.kept", "a cookie written by script on this origin could be read back")
	LocalStorage        = Enum("storage.local", "a write to localStorage on this origin", "kept", "lost", "refused")
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

	// network: what can be reached from here.
	Online            = Bool("network.online", "navigator.onLine")
	ControlReached    = Enum("network.control", "a request to the diagnostic's own origin", "answered", "failed", "timed-out")
	VantageReached    = Enum("network.vantage", "a request to the vantage", "answered", "failed", "timed-out")
	AddressCountry    = Token("network.address-country", "ISO 3166 country of the public address, as the vantage sees it")
	TimeZone          = Token("network.time-zone", "the browser's IANA time zone")
	TimeZoneCountries = Tokens("network.time-zone-countries", "ISO 3166 countries that use the browser's time zone")
	HelperReached     = Enum("network.helper", "the cross-site helper frame", "answered", "failed", "timed-out")
	ConnectSrcRefused = Bool("network.connect-src-refused", "the page's own policy refused one of our requests, which voids them as evidence")

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
	ViolationFrameSrc   = Bool("threeds.violation.frame-src", "the page's policy refused to frame the issuer")
	ViolationFormAction = Bool("threeds.violation.form-action", "the page's policy refused to post to the issuer")
	ReportAncestors     = Bool("threeds.report.frame-ancestors", "the browser reported that the issuer's policy forbids this page to frame it")
	ReportIsolation     = Bool("threeds.report.isolation", "the browser reported that the page's isolation blocks the frame")
	ACSOrigin           = Origin("threeds.acs.origin", "origin of the issuer's challenge page")
	ACSFetch            = Enum("threeds.acs.fetch", "a no-cors request to the issuer's origin", "answered", "failed", "timed-out")
	ACSObject           = Enum("threeds.acs.object", "an <object> with the issuer's page: loaded needs a 2xx that may be framed", "loaded", "failed", "timed-out")
	ACSPrefetch         = Enum("threeds.acs.prefetch", "a prefetch of the issuer's page: loaded needs a 2xx, framed or not (Chromium)", "loaded", "failed", "timed-out")
	MethodIndicator     = Enum("threeds.method.indicator", "threeDSCompInd of the 3DS Method: done, no callback in time, no method", "Y", "N", "U")
	TransStatus         = Enum("threeds.outcome.trans-status", "the gateway's transStatus, handed in by the host page", "Y", "N", "U", "A", "C", "D", "R", "I", "S")
)

// All lists every declared key, in the order of the report's documentation. A
// test compares it with the declarations above.
func All() []Declared {
	return []Declared{
		Mode, Engine, SecureContext, CrossIsolated, UserActivation,
		PopupResult, PopupActivationBefore, PopupActivationSpent, PopupNative, PopupHello, PopupClosedEarly,
		PopupSandboxed, HostPopupResult, HostPopupActivation,
		CookieEnabled, CookieKept, LocalStorage, ThirdPartyHeader, ThirdPartyScript, PartitionedHeader,
		StorageAccess, StorageAccessHeader,
		WorkerControls, WorkerStale, ScriptStale, AssetsChecked,
		Online, ControlReached, VantageReached, AddressCountry, TimeZone, TimeZoneCountries, HelperReached,
		ConnectSrcRefused,
		FramePresent, FrameLoads, FrameAccess, FrameSandbox, FrameSandboxed, FrameWidth, FrameHeight,
		FrameCollapsed, FrameHidden, FrameChildren, FrameMessages, FrameCompleted, FrameFocused,
		ViolationFrameSrc, ViolationFormAction, ReportAncestors, ReportIsolation,
		ACSOrigin, ACSFetch, ACSObject, ACSPrefetch, MethodIndicator, TransStatus,
	}
}
