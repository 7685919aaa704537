// Sends the page's form: the way from the issuer back to the shop.
document.querySelector("form[data-post]").submit();
