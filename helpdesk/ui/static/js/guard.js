// Asks before leaving a form whose changes are not saved; after a refused save they are not.
let changed = document.querySelector("form[data-guard]") && document.querySelector(".error-summary");

document.querySelectorAll("form[data-guard]").forEach((form) => {
  form.addEventListener("input", () => { changed = true; });
  // What only shows a preview saves nothing.
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.formTarget) changed = false;
  });
});
window.addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
