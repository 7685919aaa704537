// Keeps the device's name in a cookie, and goes no further where the browser
// does not keep it.
const mark = `acs_script=${crypto.randomUUID()}`;
document.cookie = `${mark}; Path=/; Max-Age=600; Secure; SameSite=None`;
if (!document.cookie.split("; ").includes(mark)) {
  const heading = document.createElement("h1");
  heading.textContent = "Cookies are needed";
  const why = document.createElement("p");
  why.textContent = "Your browser does not let us keep a cookie, so we cannot recognise your device. Allow cookies of this site and pay again.";
  document.querySelector("main").replaceChildren(document.querySelector("header"), heading, why);
}
