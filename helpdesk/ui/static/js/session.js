// The session is over: sign in in a dialog of this page, and what was asked for is asked again. Nothing is lost.
import { parse, word } from "./page.js";

let asking = null;

// Resolves to true once the same person is signed in again, to false when they closed the dialog.
export function signInAgain() {
  asking ||= ask().finally(() => { asking = null; });
  return asking;
}

async function ask() {
  const box = build();
  document.body.append(box);
  box.showModal();
  try {
    await show(box, await fetch(document.body.dataset.signIn));
  } catch {
    say(box, word("saveFailed"));
  }
  return new Promise((done) => {
    box.addEventListener("signed-in", () => done(true));
    box.addEventListener("close", () => { box.remove(); done(false); });
  });
}

function build() {
  const box = document.createElement("dialog");
  box.className = "dialog session-dialog";
  box.setAttribute("aria-labelledby", "session-title");
  const head = document.createElement("div");
  head.className = "dialog-head";
  const title = document.createElement("h2");
  title.id = "session-title";
  title.textContent = word("signInTitle");
  head.append(title);
  const body = document.createElement("div");
  body.className = "dialog-body";
  const hint = document.createElement("p");
  hint.textContent = word("signInHint");
  const place = document.createElement("div");
  place.dataset.place = "";
  body.append(hint, place);
  box.append(head, body);
  return box;
}

function say(box, text) {
  const line = document.createElement("p");
  line.setAttribute("role", "alert");
  line.textContent = text;
  box.querySelector("[data-place]").replaceChildren(line);
}

// Whatever the sign-in page asks next, a code of the app say, is asked here.
async function show(box, response) {
  // Signed in meanwhile, here or in another tab.
  if (await back(box)) return;
  const page = parse(await response.text());
  const form = page.querySelector("main form");
  if (!form) return say(box, word("saveFailed"));
  const errors = page.querySelector("main .error-summary");
  form.action = response.url;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    fetch(form.action, { method: "POST", body: new FormData(form, event.submitter) })
      .then((next) => show(box, next))
      .catch(() => say(box, word("saveFailed")));
  });
  box.querySelector("[data-place]").replaceChildren(...[errors, form].filter(Boolean));
  form.querySelector("input:not([type=hidden])")?.focus();
}

async function back(box) {
  const response = await fetch(document.body.dataset.sessionUrl, { headers: { "HX-Request": "true", "X-By-Itself": "1" } });
  if (!response.ok) return false;
  const session = await response.json();
  // Somebody else signed in: what is on this page is not theirs. Texts stay on the device under their writer.
  if (String(session.user) !== document.body.dataset.user) {
    location.reload();
    return true;
  }
  document.body.dataset.csrf = session.csrf;
  document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = session.csrf; });
  box.dispatchEvent(new Event("signed-in"));
  box.close();
  return true;
}
