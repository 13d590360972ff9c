// The note of a call: a dialog on every page. Who calls is found while typing; keys do all of it.
import { announce, icon, parse, post, toast, word } from "./page.js";

const WAIT_MS = 90;
const TOPIC_MS = 350;
const LEAST = 2;
// What was typed stays on this device until it is saved; the name holds the user.
const KEPT = `call:${document.body.dataset.user}`;
const KEEP_MS = 12 * 3600 * 1000;

let form = null;
let asked = 0;
let topicAsked = 0;
let timer = 0;
let topicTimer = 0;
let pending = null;
let settle = () => {};
let touchedResult = false;
let last = null;

const at = (selector) => form.querySelector(selector);
const all = (selector) => [...form.querySelectorAll(selector)];
const caller = () => at("[data-call-caller]");
const note = () => at("[data-call-note]");
const box = () => at("[data-call-hits]");
const options = () => [...box().querySelectorAll("[role=option]")];
const dialog = () => document.getElementById("call-dialog");

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/* ---- who calls ---- */
function look() {
  forget();
  const typed = caller().value.trim();
  choose(null);
  if (typed.replace(/^#/, "").length < LEAST) return close();
  pending = new Promise((done) => { settle = done; });
  timer = setTimeout(() => load(typed).catch(() => show([])).finally(settle), WAIT_MS);
}

// Whoever waits for an answer that nobody wants any more waits no longer.
function forget() {
  clearTimeout(timer);
  asked += 1;
  settle();
  pending = null;
}

async function load(typed) {
  const mine = ++asked;
  const body = new FormData();
  body.set("q", typed);
  const response = await post(form.dataset.callersUrl, body);
  const found = response.ok ? (await response.json()).results : [];
  if (mine === asked) show(found);
}

function show(found) {
  pending = null;
  box().replaceChildren(...found.map(option));
  box().hidden = !found.length;
  caller().setAttribute("aria-expanded", String(found.length > 0));
  const lines = options();
  if (lines.length) mark(lines[0]);
  announce(word("callersFound", found.length));
}

function option(hit, index) {
  const line = document.createElement("div");
  const title = document.createElement("b");
  const detail = document.createElement("span");
  const glyph = hit.kind === "ticket" ? "plus" : hit.kind === "new" ? "pencil" : "person";
  title.textContent = hit.title;
  detail.textContent = hit.detail;
  line.append(icon(glyph), title, detail);
  line.className = `option option-${hit.kind}`;
  line.id = `call-hit-${index}`;
  line.setAttribute("role", "option");
  line.setAttribute("aria-selected", "false");
  line.hit = hit;
  return line;
}

function mark(line) {
  options().forEach((other) => other.setAttribute("aria-selected", String(other === line)));
  caller().setAttribute("aria-activedescendant", line.id);
  line.scrollIntoView({ block: "nearest" });
}

const marked = () => options().find((line) => line.getAttribute("aria-selected") === "true");

function close() {
  forget();
  box().hidden = true;
  box().replaceChildren();
  caller().setAttribute("aria-expanded", "false");
  caller().removeAttribute("aria-activedescendant");
}

// Nobody chosen means somebody new, with what was typed.
function choose(hit) {
  const who = at("[name=who]");
  who.value = hit ? hit.value : "";
  const joins = hit?.kind === "ticket";
  form.toggleAttribute("data-joins", joins);
  if (!touchedResult) at(`[name=result][value=${joins ? "keep" : "done"}]`).checked = true;
  const chosen = at("[data-call-chosen]");
  chosen.hidden = !hit;
  if (hit) {
    const title = document.createElement("b");
    title.textContent = hit.title;
    chosen.replaceChildren(icon(joins ? "plus" : "person"), title, hit.detail ? ` · ${hit.detail}` : "");
  }
  const hint = at("[data-call-hint]");
  hint.hidden = !hit?.hint;
  hint.textContent = hit?.hint || "";
  const phone = at("[name=callback_phone]");
  if (hit?.phone && (!phone.value || phone.dataset.filled === phone.value)) phone.dataset.filled = phone.value = hit.phone;
}

function take(line) {
  const hit = line?.hit;
  close();
  if (hit) choose(hit);
  note().focus();
  keep();
}

// Enter before the answer is there: the writing goes on, and leave() takes what comes.
function takeFirst() {
  if (pending) note().focus();
  else take(marked());
}

function callerKey(event) {
  const lines = options();
  const index = lines.indexOf(marked());
  const open = !box().hidden && lines.length;
  if (event.key === "ArrowDown" && open) mark(lines[(index + 1) % lines.length]);
  else if (event.key === "ArrowUp" && open) mark(lines[(index - 1 + lines.length) % lines.length]);
  else if (event.key === "Escape" && open) close();
  else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) takeFirst();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// Whoever leaves the field has chosen the marked line, as in a select.
async function leave() {
  await pending;
  if (document.activeElement === caller()) return;
  if (!box().hidden && marked()) choose(marked().hit);
  close();
}

/* ---- topic ---- */
function lookTopic() {
  clearTimeout(topicTimer);
  topicTimer = setTimeout(loadTopic, TOPIC_MS);
}

async function loadTopic() {
  const select = at("[data-call-topic]");
  if (!select) return;
  const mine = ++topicAsked;
  const body = new FormData();
  body.set("note", note().value);
  body.set("topic", select.value === "0" ? "" : select.value);
  const nothing = { label: "", team: "", place: false };
  let found = nothing;
  try {
    if (select.value !== "0" && (select.value || note().value.trim())) {
      const response = await post(form.dataset.topicUrl, body);
      found = response.ok ? await response.json() : nothing;
    }
  } catch { /* the server suggests once more when it saves */ }
  if (mine !== topicAsked) return;
  const first = select.options[0];
  first.dataset.plain ||= first.textContent;
  if (!select.value) first.textContent = found.label ? select.dataset.suggested.replace("%s", found.label) : first.dataset.plain;
  const team = at("[data-call-team]");
  team.textContent = found.team ? team.dataset.words.replace("%s", found.team) : "";
  const place = at("[data-call-place]");
  place.hidden = !found.place && !place.querySelector("input").value;
}

async function loadChoices() {
  const room = at("[data-call-choices]");
  if (room.childElementCount) return;
  try {
    const response = await fetch(form.dataset.choicesUrl, { headers: { "HX-Request": "true" } });
    if (!response.ok || room.childElementCount) return;
    room.replaceChildren(parse(await response.text()));
    restoreInto(room);
    loadTopic();
  } catch { /* without topics a note can be saved all the same */ }
}

/* ---- keeping what was typed ---- */
const FIELDS = ["channel", "caller", "who", "note", "topic", "place", "result", "outcome", "team", "callback_on", "callback_at", "callback_phone", "received_on", "request_key"];

function values() {
  const data = new FormData(form);
  return Object.fromEntries(FIELDS.map((name) => [name, data.get(name) ?? ""]));
}

function keep() {
  const typed = values();
  try {
    if (typed.note || typed.caller) localStorage.setItem(KEPT, JSON.stringify({ at: Date.now(), typed }));
    else localStorage.removeItem(KEPT);
  } catch { /* full or forbidden: the form itself still holds it */ }
}

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT));
    return found && Date.now() - found.at < KEEP_MS ? found.typed : null;
  } catch { return null; }
}

function fill(typed, root = form) {
  Object.entries(typed).forEach(([name, value]) => {
    root.querySelectorAll(`[name="${name}"]`).forEach((field) => {
      if (field.type === "radio") field.checked = field.value === value;
      else field.value = value;
    });
  });
}

function restoreInto(root) {
  const typed = kept();
  if (typed) fill(typed, root);
}

function empty() {
  form.reset();
  at("[name=request_key]").value = newKey();
  touchedResult = false;
  close();
  choose(null);
  at("[data-call-state]").textContent = "";
  showErrors({});
  try { localStorage.removeItem(KEPT); } catch { /* nothing is kept there */ }
}

/* ---- saving ---- */
async function save(event) {
  event?.preventDefault();
  if (form.dataset.saving) return;
  form.dataset.saving = "1";
  await pending;
  if (!at("[name=who]").value && !box().hidden && marked()) choose(marked().hit);
  close();
  last = values();
  const state = at("[data-call-state]");
  state.textContent = word("saving");
  try {
    const response = await post(form.action, new FormData(form));
    const answer = response.redirected ? null : await response.json().catch(() => null);
    if (response.ok && answer) return saved(answer);
    if (response.status === 422 && answer) showErrors(answer.errors);
    else showErrors({ "": [word(response.redirected ? "signInAgain" : "noteFailed")] });
  } catch {
    showErrors({ "": [word("noteFailed")] });
  } finally {
    delete form.dataset.saving;
    state.textContent = "";
  }
}

function saved(answer) {
  empty();
  dialog()?.close();
  if (!dialog()) caller().focus();
  const shown = document.createElement("div");
  const text = document.createElement("span");
  shown.className = "toast";
  shown.dataset.toast = "";
  shown.setAttribute("role", "status");
  text.textContent = answer.text;
  shown.append(text);
  if (answer.open) {
    const link = document.createElement("a");
    link.href = answer.open;
    link.textContent = word("open");
    shown.append(link);
  }
  const undo = document.createElement("button");
  undo.type = "button";
  undo.dataset.undo = "";
  shown.append(undo);
  shown.dataset.undoUrl = answer.url;
  shown.dataset.undoSeconds = answer.seconds;
  shown.dataset.undoEvent = "call:undone";
  document.getElementById("toasts").append(shown);
  announce(answer.text);
}

function showErrors(errors) {
  const summary = at("[data-call-errors]");
  const lines = Object.entries(errors).flatMap(([name, found]) => found.map((text) => [name, text]));
  all("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  summary.querySelector("ul").replaceChildren(...lines.map(([name, text]) => {
    const line = document.createElement("li");
    const field = name && document.getElementById(`call-${name}`);
    const link = document.createElement(field ? "a" : "span");
    if (field) {
      link.href = `#call-${name}`;
      field.setAttribute("aria-invalid", "true");
    }
    link.textContent = text;
    line.append(link);
    return line;
  }));
  summary.hidden = !lines.length;
  const first = form.querySelector("[aria-invalid]");
  if (first) first.focus();
  else if (lines.length) summary.focus();
}

function undone() {
  toast(word("undone"));
  if (!last) return;
  open();
  fill({ ...last, request_key: newKey() });
  choose(null);
  keep();
  look();
}

/* ---- opening ---- */
function open(event) {
  event?.preventDefault();
  if (!dialog()) return caller().focus();
  if (dialog().open) return;
  start(event?.currentTarget?.dataset.callOpen);
  dialog().showModal();
  if (!at("[name=request_key]").value) at("[name=request_key]").value = newKey();
  loadChoices();
  caller().focus();
}

// What was begun before and not saved goes on as it was.
function start(channel) {
  if (!channel || kept()) return;
  fill({ channel, result: channel === "desk" ? "open" : "done" });
  touchedResult = channel === "desk";
}

function clickHit(event) {
  const line = event.target.closest("[role=option]");
  if (!line || !box().contains(line)) return;
  event.preventDefault();
  take(line);
}

function wire() {
  const field = caller();
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", box().id);
  field.setAttribute("aria-autocomplete", "list");
  field.addEventListener("input", look);
  field.addEventListener("keydown", callerKey);
  field.addEventListener("blur", leave);
  box().addEventListener("mousedown", clickHit);
  note().addEventListener("input", lookTopic);
  form.addEventListener("input", keep);
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-call-result]")) touchedResult = true;
    if (event.target.matches("[data-call-topic]")) loadTopic();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save(event);
  });
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.matches("[name=search]")) save(event);
  });
}

export function startCall() {
  form = document.querySelector("[data-call-form]");
  if (!form) return;
  wire();
  document.querySelectorAll("[data-call-open]").forEach((link) => link.addEventListener("click", open));
  document.addEventListener("call:undone", undone);
  const typed = dialog() && kept();
  if (typed) fill(typed);
  if (!dialog()) {
    // The palette hands words over behind the "#", which no server sees.
    const handed = new URLSearchParams(location.hash.slice(1)).get("text");
    if (handed && !note().value) note().value = handed;
    loadTopic();
    if (caller().value && !at("[type=radio][name=who]")) look();
  }
}
