// Watches over session and version: whoever was signed out signs in on the spot, nobody is reloaded against their will.
import { BY_ITSELF, announce, session, toast, word } from "./page.js";

// After so long a form is not sent before it is known that somebody is still signed in.
const UNSURE_MS = 60 * 1000;
const passed = new WeakSet();

const signInAgain = () => import("./session.js").then((module) => module.signInAgain());

async function check() {
  const headers = { "HX-Request": "true", ...BY_ITSELF };
  const response = await fetch(document.body.dataset.sessionUrl, { headers, cache: "no-store" }).catch(() => null);
  // Offline, or the server is away: the form is sent and says so itself.
  return !response || response.status !== 401;
}

async function guard(event) {
  const { target: form, submitter } = event;
  const isPost = (submitter?.formMethod || form.method) === "post" && !form.closest("dialog.session-dialog");
  if (!isPost || passed.has(form) || Date.now() - session.seenAt < UNSURE_MS) return passed.delete(form);
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!(await check()) && !(await signInAgain())) return toast(word("notSentSignedOut"), "error");
  session.seenAt = Date.now();
  passed.add(form);
  form.requestSubmit(submitter);
}

// What htmx sent while nobody was signed in: the same element sends it once more.
async function refused(event) {
  const form = event.detail.elt?.closest?.("form");
  if (event.detail.xhr?.status !== 401 || !form) return;
  if (await signInAgain()) form.requestSubmit();
}

function showVersion() {
  if (document.getElementById("new-version")) return;
  const banner = document.createElement("div");
  banner.id = "new-version";
  banner.className = "banner banner-version";
  banner.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = word("reload");
  button.addEventListener("click", () => location.reload());
  banner.append(word("newVersion"), " ", button);
  document.body.append(banner);
  announce(word("newVersion"));
}

export function startGuardian() {
  if (!document.body.dataset.sessionUrl) return;
  session.over = signInAgain;
  session.changed = showVersion;
  document.addEventListener("submit", guard, true);
  document.addEventListener("htmx:responseError", refused);
}
