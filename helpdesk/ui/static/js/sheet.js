// A link with data-sheet opens its page as a dialog over this one; forms and links inside stay in it.
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
  try {
    const response = await post(action, data);
    const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
    if (response.redirected || (!response.ok && response.status !== 422)) throw new Error();
    if (!isJson) return show(await response.text());
    const answer = await response.json();
    if (answer.error) throw new Error(answer.error);
    done(answer);
  } catch (error) {
    form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
    toast(error.message || word("saveFailed"), "error");
  }
}

function done(answer) {
  const target = new URL(answer.url || location.href, location.href);
  if (target.href === location.href) location.reload();
  else location.assign(target);
}

// Whom a sheet may mean is found anew while somebody types; the arrow leads to those found.
let asked = 0;
let timer = 0;

async function find(form) {
  const mine = ++asked;
  const body = new FormData(form);
  body.set("find", "1");
  const response = await post(form.getAttribute("action"), body).catch(() => null);
  if (mine !== asked || !response?.ok || response.redirected) return;
  const place = document.querySelector("[data-found]");
  const fresh = parse(await response.text()).querySelector("[data-found]");
  if (mine !== asked || !place || !fresh) return;
  fresh.querySelector("[autofocus]")?.removeAttribute("autofocus");
  exchange(place, fresh);
  announce(fresh.dataset.found);
}

// What was typed into the part meanwhile stays, and so does the focus; whoever chooses already goes on.
function exchange(place, fresh) {
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  if (focused?.type === "radio") return;
  place.querySelectorAll("input.input").forEach((old) => {
    const now = fresh.querySelector(`#${CSS.escape(old.id)}`);
    if (now && old.value !== old.defaultValue) now.value = old.value;
  });
  place.replaceWith(fresh);
  if (focused?.id) fresh.querySelector(`#${CSS.escape(focused.id)}`)?.focus();
}

function typing(event) {
  const form = event.target.closest("[data-find]");
  if (!form || event.isComposing) return;
  asked += 1;
  clearTimeout(timer);
  timer = setTimeout(() => find(form), 200);
}

function toFound(event) {
  if (event.key !== "ArrowDown" || !event.target.closest("[data-find]")) return;
  const first = document.querySelector("[data-found] :is(:checked,[type=radio])");
  if (!first) return;
  event.preventDefault();
  first.focus();
}

export function startSheet() {
  document.addEventListener("input", typing);
  document.addEventListener("keydown", toFound);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-sheet]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link.closest("details.menu")?.removeAttribute("open");
    load(link.getAttribute("href"));
  });
}
