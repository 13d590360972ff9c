// What every module needs of the page: words, requests with CSRF, announcements, toasts.
const words = JSON.parse(document.querySelector('meta[name="words"]')?.content || "{}");

export function word(key, value = "") {
  return (words[key] ?? key).replace("%s", value);
}

export function plural(one, many, count) {
  return count === 1 ? word(one) : word(many, count);
}

// What must still arrive when the page is left is small (64 kB, says the Fetch standard).
export function post(url, body, { keepalive = true } = {}) {
  return fetch(url, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": document.body.dataset.csrf, "X-Requested-With": "fetch" },
    keepalive,
  });
}

// What a page asks for by itself: nobody has to be there, so it does not keep a session alive.
export const BY_ITSELF = { "X-By-Itself": "1" };

export async function fragment(url) {
  const response = await fetch(url, { headers: { "HX-Request": "true", ...BY_ITSELF }, cache: "no-store" });
  if (response.redirected) return { status: 401, html: "" };
  return { status: response.status, html: response.status === 200 ? await response.text() : "" };
}

export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

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
