// A link with data-sheet opens its page as a dialog over this one; forms and links inside stay in it.
import "./find.js";
import { nameOf } from "./keys.js";
import { announce, icon, parse, post, toast, word } from "./page.js";

const SLOW_MS = 300;
let dialog = null;
let opened = "";

// What comes soon is waited for without a flicker; what takes longer shows where it will stand.
export function whenSlow(promise, show) {
  const timer = setTimeout(show, SLOW_MS);
  const done = () => clearTimeout(timer);
  promise.then(done, done);
}

export function skeleton(count) {
  const boxes = document.createElement("div");
  boxes.className = "skeletons";
  boxes.setAttribute("aria-hidden", "true");
  boxes.append(...Array.from({ length: count }, () => document.createElement("i")));
  return boxes;
}

function build() {
  dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.id = "sheet";
  dialog.setAttribute("aria-labelledby", "sheet-title");
  document.body.append(dialog);
  dialog.addEventListener("submit", submitted);
  // What was closed while it was under way stays closed.
  dialog.addEventListener("close", () => { opened = ""; });
}

// A sheet that is open keeps what it shows until the next comes.
function showWaiting(name) {
  if (!dialog) build();
  if (dialog.open) return;
  const title = Object.assign(document.createElement("h2"), { id: "sheet-title", textContent: name, tabIndex: -1 });
  const close = document.createElement("button");
  close.className = "btn btn-quiet btn-narrow";
  close.type = "button";
  close.dataset.closeDialog = "";
  close.setAttribute("aria-label", word("close"));
  close.append(icon("close"));
  const [head, body] = ["dialog-head", "dialog-body"].map((name) => Object.assign(document.createElement("div"), { className: name }));
  head.append(title, close);
  body.append(skeleton(3));
  dialog.replaceChildren(head, body);
  dialog.showModal();
  title.focus();
}

function show(html) {
  if (!dialog) build();
  dialog.replaceChildren(parse(html));
  if (!dialog.open) dialog.showModal();
  const focus = dialog.querySelector("[autofocus]") || dialog.querySelector(".dialog-body :is(input:not([type=hidden]),select,textarea,button,a)");
  focus?.focus();
  const error = dialog.querySelector("[role=alert]");
  if (error) announce(error.textContent.trim());
}

async function load(url, name = "") {
  opened = url;
  try {
    const asked = fetch(url, { headers: { "X-Requested-With": "fetch" }, cache: "no-store" });
    whenSlow(asked, () => opened === url && showWaiting(name));
    const response = await asked;
    if (response.redirected || (!response.ok && response.status !== 422)) throw new Error();
    const html = await response.text();
    if (opened === url) show(html);
  } catch {
    if (opened === url) location.assign(url);
  }
}

async function submitted(event) {
  const form = event.target;
  if (form.method === "dialog") return;
  event.preventDefault();
  const data = new FormData(form, event.submitter);
  const action = event.submitter?.getAttribute("formaction") || form.getAttribute("action");
  if (form.method === "get") return load(`${action}?${new URLSearchParams(data)}`);
  form.querySelectorAll("button").forEach((button) => { button.disabled = true; });
  form.setAttribute("aria-busy", "true");
  try {
    // What is sent although the page is left may have 64 kB: no picture.
    const response = await post(action, data, { keepalive: form.enctype !== "multipart/form-data" });
    const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
    if (response.redirected || (!response.ok && response.status !== 422)) throw new Error();
    if (!isJson) return show(await response.text());
    const answer = await response.json();
    if (answer.error) throw new Error(answer.error);
    done(answer);
  } catch (error) {
    form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
    form.removeAttribute("aria-busy");
    toast(error.message || word("saveFailed"), "error");
  }
}

function done(answer) {
  const target = new URL(answer.url || location.href, location.href);
  if (target.href === location.href) location.reload();
  else location.assign(target);
}

export function startSheet() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-sheet]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link.closest("details.menu")?.removeAttribute("open");
    load(link.getAttribute("href"), nameOf(link));
  });
}
