// Drafts: on this device at once, on the server a second after typing stops, five at the latest.
import { typedIn } from "./greeting.js";
import { clockTime, post, word } from "./page.js";

const QUIET_MS = 1000;
const LATEST_MS = 5000;
const timers = new WeakMap();

// Another person at the same machine must never see them: the names hold the user.
const PREFIX = `draft:${document.body.dataset.user}:`;
const KEEP_SENT_MS = 60 * 1000;
const KEEP_OTHERS_MS = 24 * 3600 * 1000;
const nameOf = (pane) => `${PREFIX}${pane.closest("[data-composer]").dataset.ticket}:${pane.dataset.pane}`;
const editorOf = (pane) => pane.querySelector("[data-editor]");
// What is typed beside the text: addresses; boxes and files are kept by the server alone.
const linesOf = (pane) => [...pane.querySelectorAll("input.input[name]")];

function typed(pane) {
  const lines = Object.fromEntries(linesOf(pane).filter((line) => line.value).map((line) => [line.name, line.value]));
  const text = typedIn(editorOf(pane));
  return text || Object.keys(lines).length ? { text, lines, at: Date.now() } : null;
}

function read(name) {
  try { return JSON.parse(localStorage.getItem(name)); } catch { return null; }
}

function write(name, draft) {
  try {
    if (draft) localStorage.setItem(name, JSON.stringify(draft));
    else localStorage.removeItem(name);
    return true;
  } catch {
    return false;
  }
}

// Sent texts go when undo is over; what others left behind goes after a day, the server has it.
export function tidy() {
  Object.keys(localStorage).filter((name) => name.startsWith("draft:")).forEach((name) => {
    const draft = read(name);
    const age = Date.now() - (draft?.at || 0);
    if ((draft?.sent && age > KEEP_SENT_MS) || (!name.startsWith(PREFIX) && age > KEEP_OTHERS_MS)) write(name, null);
  });
}

export function say(pane, text) {
  const state = pane.querySelector("[data-draft-state]");
  if (state) state.textContent = text;
}

export function touch(pane) {
  pane.dataset.onDevice = write(nameOf(pane), typed(pane)) ? "1" : "";
  const timer = timers.get(pane) || { first: Date.now() };
  clearTimeout(timer.id);
  const wait = Math.min(QUIET_MS, Math.max(0, timer.first + LATEST_MS - Date.now()));
  timer.id = setTimeout(() => save(pane), wait);
  timers.set(pane, timer);
}

export function cancel(pane) {
  clearTimeout(timers.get(pane)?.id);
  timers.delete(pane);
}

async function save(pane, { keepalive = false } = {}) {
  timers.delete(pane);
  if (pane.dataset.sending) return;
  if (!pane.dataset.draftUrl) return say(pane, word("draftLocal"));
  const body = new FormData(pane);
  [...body.entries()].forEach(([key, value]) => { if (value instanceof File) body.delete(key); });
  try {
    const response = await post(pane.dataset.draftUrl, body, { keepalive, quiet: true });
    if (response.ok && !response.redirected) return say(pane, word("draftSaved", clockTime()));
  } catch {
    // Without a connection, as below.
  }
  say(pane, word(pane.dataset.onDevice === "" ? "draftNowhere" : "draftLocal"));
}

// The server's draft stands in the page; the device's wins only when it is newer.
export function restore(pane) {
  const editor = editorOf(pane);
  const draft = read(nameOf(pane));
  const known = Number(pane.dataset.draftAt || 0) * 1000;
  if (!draft || draft.sent || draft.text === editor.value || (editor.value && draft.at < known)) return false;
  editor.value = draft.text || editor.value;
  linesOf(pane).forEach((line) => { line.value = draft.lines?.[line.name] ?? line.value; });
  say(pane, word("draftRestored"));
  return true;
}

// A sent text stays on the device until the next draft, so that undo can bring it back.
export function markSent(pane, sent) {
  const draft = typed(pane) || { text: "" };
  write(nameOf(pane), { ...draft, sent, at: Date.now() });
}

// What was taken back stands in the server's draft, above what was begun there since.
export function unsend(ticket) {
  Object.keys(localStorage)
    .filter((name) => name.startsWith(`${PREFIX}${ticket}:`) && read(name)?.sent)
    .forEach((name) => write(name, null));
}

export function flushAll() {
  return Promise.all([...document.querySelectorAll("[data-pane]")].filter((pane) => timers.has(pane)).map((pane) => {
    cancel(pane);
    return save(pane, { keepalive: true });
  }));
}
