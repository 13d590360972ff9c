// A link with data-sheet opens its page as a dialog over this one; forms and links inside stay in it.
import "./find.js";
import { announce, parse, post, toast, word } from "./page.js";

let dialog = null;
let opened = "";

function build() {
  dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.id = "sheet";
  dialog.setAttribute("aria-labelledby", "sheet-title");
  document.body.append(dialog);
  dialog.addEventListener("submit", submitted);
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

async function load(url) {
  opened = url;
  try {
    const response = await fetch(url, { headers: { "X-Requested-With": "fetch" }, cache: "no-store" });
    if (response.redirected || (!response.ok && response.status !== 422)) throw new Error();
    const html = await response.text();
    if (opened === url) show(html);
  } catch {
    location.assign(url);
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
    load(link.getAttribute("href"));
  });
}
