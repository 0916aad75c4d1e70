// Sends the one form of a page that only passes something on; without scripts its button does.
const form = document.querySelector("form[data-send]");
if (form) form.submit();
