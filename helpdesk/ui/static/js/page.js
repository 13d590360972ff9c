// What every module needs of the page: words, requests with CSRF, announcements, toasts.
const words = Object.assign({}, ...[...document.querySelectorAll('meta[name="words"]')].map((meta) => JSON.parse(meta.content)));

export function word(key, value = "") {
  return (words[key] ?? key).replace("%s", value);
}

export function plural(one, many, count) {
  return count === 1 ? word(one) : word(many, count);
}

// What js/guardian.js watches: when the server last knew who asks, and what to do when it does not.
export const session = { seenAt: Date.now(), over: null, changed: null };

// What must still arrive when the page is left is small (64 kB, says the Fetch standard).
function send(url, body, keepalive) {
  if (body instanceof FormData && body.has("csrfmiddlewaretoken")) body.set("csrfmiddlewaretoken", document.body.dataset.csrf);
  return fetch(url, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": document.body.dataset.csrf, "X-Requested-With": "fetch" },
    keepalive,
  });
}

// Tells whether the answer comes to somebody who is signed in; looks at the version as well.
function isSignedIn(response) {
  const { version } = document.body.dataset;
  const newer = response.headers.get("X-Version");
  if (version && newer && newer !== version) session.changed?.();
  const isOver = response.status === 401 || (response.redirected && response.url.includes("/konto/anmelden/"));
  if (!isOver && response.ok) session.seenAt = Date.now();
  return !isOver;
}

// Whoever was signed out signs in in a dialog, and the same is sent once more; ``quiet`` asks nobody.
export async function post(url, body, { keepalive = true, quiet = false } = {}) {
  const response = await send(url, body, keepalive);
  if (isSignedIn(response) || quiet || !session.over) return response;
  return (await session.over()) ? send(url, body, keepalive) : response;
}

// What a page asks for by itself: nobody has to be there, so it does not keep a session alive.
export const BY_ITSELF = { "X-By-Itself": "1" };

export async function fragment(url) {
  const response = await fetch(url, { headers: { "HX-Request": "true", ...BY_ITSELF }, cache: "no-store" });
  if (!isSignedIn(response) || response.redirected) return { status: 401, html: "" };
  const version = Number(response.headers.get("X-Ticket-Version") || 0);
  return { status: response.status, version, html: response.status === 200 ? await response.text() : "" };
}

export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

// Rows of requests, and whose one is: of citizens and answers, which a search finds too, nobody hears when they change.
export const ROWS = '[data-row][id^="t-"]';
export const ticketOf = (row) => row.id.slice(2);
export const rowOf = (ticket) => document.querySelector(`#t-${CSS.escape(String(ticket))}[data-row]`);

// At most one announcement in five seconds; the newest wins.
let lastSaid = 0;
let waiting = 0;
export function announce(text) {
  clearTimeout(waiting);
  const wait = Math.max(0, lastSaid + 5000 - Date.now());
  waiting = setTimeout(() => {
    const region = document.getElementById("announce");
    lastSaid = Date.now();
    if (region) region.textContent = text;
  }, wait);
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${document.body.dataset.sprite}#${name}`);
  svg.append(use);
  return svg;
}

export function toast(text, kind = "info") {
  const box = document.createElement("div");
  box.className = `toast toast-${kind}`;
  box.dataset.toast = "";
  box.setAttribute("role", kind === "error" ? "alert" : "status");
  box.append(text);
  document.getElementById("toasts")?.append(box);
  setTimeout(() => box.remove(), kind === "error" ? 12000 : 6000);
  return box;
}

// A toast for the next page, because this one is about to be left.
export function toastAfterReload(text) {
  sessionStorage.setItem("toast", text);
}

export function showKeptToast() {
  const text = sessionStorage.getItem("toast");
  if (!text) return;
  sessionStorage.removeItem("toast");
  toast(text);
}

export function clockTime(moment = new Date()) {
  return moment.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
}
