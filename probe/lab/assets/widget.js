// The widget of the payment method, a classic script as providers give them.
globalThis.paymentWidget = { build: "__BUILD__" };
