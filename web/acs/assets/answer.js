// Answers the challenge as soon as it is shown, with the code that stands in its form.
document.querySelector("form[data-challenge]").requestSubmit();
