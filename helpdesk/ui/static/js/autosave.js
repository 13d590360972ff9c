// Properties are saved at once: a select when it changes, a button when it is pressed.
import { post, toast, word } from "./page.js";
import { refreshTicket } from "./live.js";

// Arrow keys change a closed select step by step: wait until they rest.
const REST_MS = 500;
const timers = new WeakMap();

function later(form) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => save(form), REST_MS));
}

function now(form) {
  if (!timers.has(form)) return;
  clearTimeout(timers.get(form));
  save(form);
}

function save(form, pressed) {
  timers.delete(form);
  // Without the attribute the property is the address of the page.
  const action = pressed?.hasAttribute("formaction") ? pressed.formAction : form.action;
  return send(action, new FormData(form, pressed));
}

// Saves a change at once, says so with its undo, and shows the ticket as it is now.
export async function send(action, data) {
  try {
    const response = await post(action, data);
    if (response.redirected || (!response.ok && response.status !== 422)) throw new Error();
    const answer = await response.json();
    if (answer.url) return location.assign(answer.url);
    if (answer.undo) document.getElementById("toasts").insertAdjacentHTML("beforeend", answer.undo);
    else toast(answer.error || word("saved"), answer.error ? "error" : "info");
    await refreshTicket({ force: true });
    document.dispatchEvent(new Event("desk:saved"));
    if (document.activeElement === document.body) document.querySelector("h1")?.focus();
  } catch {
    toast(word("saveFailed"), "error");
  }
}

const formOf = (event) => event.target.closest?.("form[data-autosave]");

export function startAutosave() {
  document.addEventListener("change", (event) => {
    if (formOf(event) && event.target.matches("select")) later(formOf(event));
  });
  document.addEventListener("focusout", (event) => formOf(event) && now(formOf(event)));
  document.addEventListener("submit", (event) => {
    const form = formOf(event);
    if (!form) return;
    event.preventDefault();
    clearTimeout(timers.get(form));
    save(form, event.submitter);
  });
}
