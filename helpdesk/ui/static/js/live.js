// Live: one WebSocket says what changed, fragments are fetched; nothing moves under the cursor.
import { BY_ITSELF, ROWS, announce, fragment, icon, parse, plural, rowOf, ticketOf, word } from "./page.js";
import { startPresence } from "./presence.js";

const POLL_MS = 30000;
const BANNER_AFTER_MS = 3000;
const LONGEST_WAIT_MS = 30000;
const COUNTS_MS = 5000;
const NOTICE_MS = 300;
// A message may get lost on its way while the line stands: asked again, the server repeats the last
// half minute, and what was heard already is told by its number.
const AGAIN_MS = 20000;
const heard = new Set();
let isGreeted = false;
const waitingTickets = new Set();
let socket = null;
let seq = 0;
let tries = 0;
let bannerTimer = 0;
let countsTimer = 0;
let leaving = false;

// The list, or the one beside a request.
const table = () => document.querySelector("[data-list],[data-beside]");

function connect() {
  if (leaving || socket) return;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(`${scheme}//${location.host}${document.body.dataset.live}`);
  socket.addEventListener("open", () => {
    const missed = tries > 0;
    tries = 0;
    isGreeted = false;
    say({ type: "hello", seq });
    setState(true);
    if (missed && !seq) refreshAll();
  });
  socket.addEventListener("message", (event) => receive(JSON.parse(event.data)));
  socket.addEventListener("close", () => {
    socket = null;
    document.dispatchEvent(new CustomEvent("desk:live", { detail: { type: "lost" } }));
    setState(false);
    const wait = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** tries) * (0.5 + Math.random());
    tries += 1;
    setTimeout(connect, wait);
  });
}

function setState(online) {
  const state = document.querySelector("[data-live-state]");
  if (state) state.textContent = online ? `● ${word("live")}` : "";
  clearTimeout(bannerTimer);
  const banner = document.getElementById("offline");
  if (online && banner) {
    banner.remove();
    announce(word("online"));
  }
  if (!online && !leaving) bannerTimer = setTimeout(showBanner, BANNER_AFTER_MS);
}

function showBanner() {
  if (document.getElementById("offline")) return;
  const banner = document.createElement("div");
  banner.id = "offline";
  banner.className = "banner";
  banner.setAttribute("role", "status");
  banner.textContent = word("offline");
  document.body.append(banner);
}

function say(frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

function receive(frame) {
  if (frame.type === "ready" && isGreeted) return;
  if (frame.type === "ready") isGreeted = true;
  if (frame.seq && frame.type !== "ready" && isHeard(`${frame.type}${frame.seq}`)) return;
  document.dispatchEvent(new CustomEvent("desk:live", { detail: frame }));
  // After a restored backup the numbers begin earlier.
  if (frame.seq) seq = frame.type === "reload" ? frame.seq : Math.max(seq, frame.seq);
  if (frame.type === "reload") refreshAll();
  if (frame.type === "gone") rowOf(frame.ticket)?.classList.add("is-gone");
  if (frame.type === "notices") countSoon(NOTICE_MS);
  if (frame.type !== "event") return;
  if (table()) changeRow(frame);
  if (document.querySelector(`[data-thread][data-ticket="${CSS.escape(String(frame.ticket))}"]`)) refreshTicket();
  countSoon();
}

function isHeard(name) {
  if (heard.has(name)) return true;
  heard.add(name);
  if (heard.size > 1000) heard.delete(heard.values().next().value);
  return false;
}

async function changeRow(frame) {
  const row = rowOf(frame.ticket);
  if (row && frame.version && Number(row.dataset.version) >= frame.version) return;
  const address = table().dataset.rowUrl;
  // What was found stays what was found: nothing joins it by itself.
  if (!address || (!row && "rowsStay" in table().dataset)) return;
  const { status, html } = await fragment(address.replace("ID", frame.ticket));
  if (status >= 500) document.dispatchEvent(new CustomEvent("list:failed"));
  else if (status === 200) placeRow(frame.ticket, html);
  else if (status === 204 || status === 404) rowOf(frame.ticket)?.classList.add("is-gone");
}

function placeRow(id, html) {
  const row = rowOf(id);
  if (row) morphRow(row, parse(html).querySelector("[data-row]"));
  else waitFor(id);
}

function morphRow(row, fresh) {
  if (!fresh) return;
  const current = row.classList.contains("is-current");
  const checked = row.querySelector("[data-select]")?.checked;
  const focused = row.contains(document.activeElement);
  const ahead = row.querySelector("[data-ahead]")?.dataset.ahead;
  Idiomorph.morph(row, fresh, { morphStyle: "outerHTML", ignoreActiveValue: true });
  const now = rowOf(ticketOf(fresh));
  now?.classList.toggle("is-current", current);
  const box = now?.querySelector("[data-select]");
  if (box && checked) box.checked = true;
  if (ahead && now) now.querySelector(".row-link").dataset.ahead = ahead;
  if (focused && !now?.contains(document.activeElement)) now?.querySelector(".row-link")?.focus({ preventScroll: true });
}

function waitFor(id) {
  waitingTickets.add(String(id));
  const text = plural("newOne", "newMany", waitingTickets.size);
  const pill = document.getElementById("pill-new") || newPill();
  pill.querySelector("span").textContent = text;
  announce(text);
}

function newPill() {
  const pill = document.createElement("button");
  pill.id = "pill-new";
  pill.type = "button";
  pill.className = "pill-new";
  pill.append(icon("arrow-up"), document.createElement("span"));
  pill.addEventListener("click", showWaiting);
  table().before(pill);
  return pill;
}

async function showWaiting() {
  // An empty list has another shape; nothing on it can be lost.
  if (document.querySelector("[data-list-empty]")) return location.reload();
  table().setAttribute("aria-busy", "true");
  const page = await fetchPage();
  table().removeAttribute("aria-busy");
  const fresh = page?.querySelector("[data-list] tbody");
  if (!page) return;
  if (!fresh) return location.reload();
  const body = table().querySelector("tbody") || table().appendChild(document.createElement("tbody"));
  Idiomorph.morph(body, fresh, { morphStyle: "innerHTML", ignoreActiveValue: true });
  waitingTickets.forEach((id) => rowOf(id)?.classList.add("is-new"));
  waitingTickets.clear();
  document.getElementById("pill-new")?.remove();
  document.querySelector("[data-row] .row-link")?.focus();
}

// All pages that were loaded, in the first.
async function fetchPage() {
  const first = await fetchOne(location.href);
  let last = first;
  for (let pages = Number(table()?.dataset.pages || 1); last && pages > 1; pages -= 1) {
    const more = last.querySelector("[data-more]");
    last = more && (await fetchOne(more.getAttribute("href")));
    const body = first.querySelector("tbody") || first.querySelector("[data-list]");
    if (last) body?.append(...last.querySelectorAll("[data-row]"));
  }
  document.dispatchEvent(new CustomEvent(first ? "list:fresh" : "list:failed"));
  return first;
}

async function fetchOne(url) {
  const response = await fetch(url, { headers: BY_ITSELF, cache: "no-store" }).catch(() => null);
  if (!response?.ok || response.redirected) return null;
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

// Without the events: compare the whole page.
async function refreshList() {
  const page = await fetchPage();
  if (!page) return;
  const fresh = new Map([...page.querySelectorAll(ROWS)].map((row) => [ticketOf(row), row]));
  document.querySelectorAll(ROWS).forEach((row) => {
    const newer = fresh.get(ticketOf(row));
    fresh.delete(ticketOf(row));
    if (!newer) row.classList.add("is-gone");
    else if (newer.dataset.version !== row.dataset.version) morphRow(row, newer);
  });
  if (!("rowsStay" in table().dataset)) fresh.forEach((_row, id) => waitFor(id));
}

// Brings thread, head and panel up to date; a part with the focus waits, unless it must not.
export async function refreshTicket({ force = false } = {}) {
  await addArticles();
  await refreshParts(force);
}

function refreshParts(force) {
  return Promise.all([...document.querySelectorAll("[data-refresh-url]")].map((part) => refreshPart(part, force)));
}

// A page that was fetched ahead says that it is seen now, and learns what has changed since.
async function catchUp() {
  const thread = document.querySelector("[data-was-ahead]");
  if (!thread) return;
  // A browser may even draw a page ahead; nobody sees it then.
  if (document.prerendering) return document.addEventListener("prerenderingchange", catchUp, { once: true });
  const { status, version } = await addArticles("&opened=1");
  if (status === 401 || status === 404) location.reload();
  else if (status === 200 && version !== Number(thread.dataset.version)) refreshParts(false);
}

async function refreshPart(part, force) {
  const busy = () => !force && (part.contains(document.activeElement) || part.querySelector("details[open]:not([data-section])"));
  if (busy()) return;
  const { status, html } = await fragment(part.dataset.refreshUrl);
  if (status !== 200 || busy()) return;
  // What was fetched by itself, and how the reader has folded it, is not what the server sends.
  const keeps = (old, fresh) => {
    if (fresh.dataset && "section" in fresh.dataset && old.dataset?.section) fresh.open = old.open;
    return !(old.dataset && "keeps" in old.dataset);
  };
  Idiomorph.morph(part, html, { morphStyle: "innerHTML", ignoreActiveValue: true, callbacks: { beforeNodeMorphed: keeps } });
  window.htmx?.process(part);
}

async function addArticles(opened = "") {
  const thread = document.querySelector("[data-thread]");
  const shown = document.visibilityState === "visible" ? "&shown=1" : "";
  const answer = await fragment(thread.dataset.thread.replace("LAST", lastSettled(thread)) + shown + opened);
  const parts = [...parse(answer.html).children].filter((part) => !replaceArticle(part));
  if (parts.length) append(thread, parts);
  return answer;
}

function append(thread, parts) {
  const atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
  thread.append(...parts);
  parts.forEach((part) => window.htmx?.process(part));
  if (atEnd) parts[0].scrollIntoView({ block: "nearest" });
  if (parts.some((part) => part.matches("[data-article]"))) announce(word("newArticle"));
}

// Answers under way may still change: the thread is asked for again from the first of them.
function lastSettled(thread) {
  const ids = (selector) => [...thread.querySelectorAll(selector)].map((one) => Number(one.dataset.article));
  const undecided = ids("[data-undecided]");
  return undecided.length ? Math.min(...undecided) - 1 : Math.max(0, ...ids("[data-article]"));
}

// Returns whether this part of the thread is there already.
function replaceArticle(fresh) {
  const old = fresh.id && document.getElementById(fresh.id);
  if (old && "undecided" in old.dataset && !old.contains(document.activeElement)) old.replaceWith(fresh);
  return Boolean(old);
}

function countSoon(wait = COUNTS_MS) {
  const url = document.body.dataset.countsUrl;
  if (!url || (countsTimer && wait === COUNTS_MS)) return;
  clearTimeout(countsTimer);
  countsTimer = setTimeout(async () => {
    countsTimer = 0;
    const response = await fetch(url, { headers: { Accept: "application/json", ...BY_ITSELF } }).catch(() => null);
    if (!response?.ok) return;
    const counts = await response.json();
    Object.entries(counts).forEach(([slug, count]) => {
      document.querySelectorAll(`[data-count="${CSS.escape(slug)}"]`).forEach((place) => { place.textContent = count; });
    });
    document.dispatchEvent(new CustomEvent("desk:counts", { detail: counts }));
  }, wait);
}

function refreshAll() {
  if (table()) refreshList();
  if (document.querySelector("[data-thread]")) refreshTicket();
  countSoon();
}

export function startLive() {
  if (!document.body.dataset.live) return;
  seq = Number(document.body.dataset.seq || 0);
  startPresence(say);
  connect();
  catchUp();
  setInterval(() => { if (!socket || socket.readyState !== WebSocket.OPEN) refreshAll(); }, POLL_MS);
  setInterval(() => { if (seq && isGreeted) say({ type: "hello", seq }); }, AGAIN_MS);
  addEventListener("online", connect);
  addEventListener("pagehide", () => {
    leaving = true;
    socket?.close();
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    leaving = false;
    connect();
  });
}
