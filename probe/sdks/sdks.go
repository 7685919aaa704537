// Package sdks checks the lab with payment SDKs that nobody here wrote. A shop
// of its own pays with @basis-theory/web-threeds and with @adyen/adyen-web, in
// a real browser, against the lab's 3DS Server and issuer: that shows that the
// lab speaks the protocol, and what such an SDK says where a payment fails.
//
// The SDKs come from web/node_modules, are bundled when the shop is opened, and
// are no part of the product. Each of them expects a service of its provider
// behind it; the package stands in for that, and hands everything of 3-D
// Secure on to the lab.
package sdks

// SDK is one payment SDK.
type SDK struct {
	Name  string // npm package
	path  string // of its payment page, and the name of its scripts
	frame string // selector of the frame that it shows the challenge in
}

// The SDKs.
var (
	BasisTheory = SDK{Name: "@basis-theory/web-threeds", path: "basis-theory", frame: "#challengeIframe"}
	Adyen       = SDK{Name: "@adyen/adyen-web", path: "adyen", frame: `iframe[name="threeDSIframe"]`}
)

// All lists the SDKs.
func All() []SDK { return []SDK{BasisTheory, Adyen} }
