// Shows a question in the preview while it is written; without scripts the button does it.
const button = document.querySelector("[data-preview]");
const form = button?.form;
let waiting;

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => form.requestSubmit(button), 500);
});
