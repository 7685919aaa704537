// Takes the answer within the page, and never leads the cardholder back.
const form = document.querySelector("form[data-challenge]");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = new URLSearchParams(new FormData(form, event.submitter));
  const heading = document.createElement("h1");
  heading.textContent = "Thank you, please wait";
  document.querySelector("main").replaceChildren(document.querySelector("header"), heading);
  await fetch(form.action, { method: "POST", body: answer });
});
