// The composer: tabs that keep both texts, drafts, text modules, sending.
import { cancel, flushAll, markSent, restore, touch } from "./drafts.js";
import { placeToWrite, typedIn } from "./greeting.js";
import { announce, parse, session, toast, word } from "./page.js";
import { close, look, pickerKey, startPicker } from "./picker.js";

const PLACEHOLDER = /\{\{[^{}]*\}\}/g;
const PHONE = matchMedia("(max-width: 760px)");
// What only staff reads may hold anything.
const INTERNAL = ["note", "call"];
const PATIENCE_MS = 60 * 1000;

const panesOf = (composer) => [...composer.querySelectorAll("[data-pane]")];
const editorOf = (pane) => pane.querySelector("[data-editor]");

function setMode(composer, mode, { focus = true } = {}) {
  composer.dataset.mode = mode;
  composer.querySelectorAll("[data-tab]").forEach((tab) => {
    const chosen = tab.dataset.tab === mode;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  });
  panesOf(composer).forEach((pane) => {
    const shown = pane.dataset.pane === mode;
    const panel = pane.closest('[role="tabpanel"]');
    panel.hidden = !shown;
    panel.removeAttribute("data-waits");
    if (shown) mirror(editorOf(pane));
    if (shown && focus) goOn(editorOf(pane));
  });
}

function goOn(editor) {
  const place = placeToWrite(editor);
  if (document.activeElement !== editor) editor.focus();
  editor.setSelectionRange(place, place);
}

// A copy behind the text makes the field as high as its content and marks empty placeholders.
function mirror(editor) {
  const copy = editor.parentElement.querySelector("[data-mirror]");
  if (!copy) return;
  const parts = [];
  let at = 0;
  for (const found of editor.value.matchAll(PLACEHOLDER)) {
    const mark = document.createElement("mark");
    mark.textContent = found[0];
    parts.push(editor.value.slice(at, found.index), mark);
    at = found.index + found[0].length;
  }
  copy.replaceChildren(...parts, `${editor.value.slice(at)}\n`);
}

function showEmptyPlaceholders(pane) {
  const alert = pane.querySelector("[data-editor-alert]");
  const found = [...editorOf(pane).value.matchAll(PLACEHOLDER)];
  if (!alert) return found;
  alert.hidden = !found.length;
  alert.replaceChildren(...found.slice(0, 3).map((one) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = word("placeholderEmpty", one[0]);
    button.addEventListener("click", () => selectRange(editorOf(pane), one));
    return button;
  }));
  return found;
}

function selectRange(editor, found) {
  editor.focus();
  editor.setSelectionRange(found.index, found.index + found[0].length);
}

// Selected words of the thread are quoted, but never those of an internal note into an answer.
function quoteSelection(pane) {
  const selection = getSelection();
  const text = String(selection).trim();
  const node = selection.anchorNode?.parentElement;
  if (!text || !node?.closest("#thread")) return;
  if (!INTERNAL.includes(pane.dataset.pane) && [...document.querySelectorAll(".art-internal")].some((art) => selection.containsNode(art, true))) return;
  const editor = editorOf(pane);
  const quote = text.split("\n").map((line) => `> ${line}`).join("\n");
  const place = placeToWrite(editor);
  const [before, after] = [editor.value.slice(0, place), editor.value.slice(place)];
  editor.value = `${before.trimEnd()}${before.trim() ? "\n\n" : ""}${quote}\n\n${after}`;
  editor.dispatchEvent(new Event("input", { bubbles: true }));
}

function chooseTab(tab) {
  const composer = tab.closest("[data-composer]");
  const pane = panesOf(composer).find((one) => one.dataset.pane === tab.dataset.tab);
  if (pane) quoteSelection(pane);
  if (PHONE.matches) composer.classList.add("is-open");
  setMode(composer, tab.dataset.tab);
}

// On the phone the composer goes back into its bar, and the focus to the button that opens it again.
function putAway(composer) {
  composer.classList.remove("is-open");
  composer.querySelectorAll('[data-tab="answer"],[aria-selected="true"]').forEach((tab) => tab.focus());
}

// Whoever got the citizen's mail as well gets the answer in copy; nobody stands there twice.
function replyAll(button) {
  const pane = button.closest("[data-pane]");
  const line = pane.querySelector('[name="cc"]');
  const known = line.value.split(/[\s,;]+/).filter(Boolean);
  const more = button.dataset.replyAll.split(", ").filter((each) => !known.includes(each));
  line.value = [...known, ...more].join(", ");
  line.closest("details").open = true;
  document.querySelector('[data-tab="answer"]')?.click();
  touch(pane);
}

function tabKeys(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const tab = event.target.closest?.("[data-tab]");
  if (!step || !tab) return;
  const tabs = [...tab.parentElement.querySelectorAll("[data-tab]")];
  const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
  setMode(tab.closest("[data-composer]"), next.dataset.tab, { focus: false });
  next.focus();
  event.preventDefault();
}

function editorKeys(event) {
  const editor = event.target.closest?.("[data-editor]");
  if (!editor || pickerKey(editor, event)) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const pane = editor.closest("[data-pane]");
    const wanted = event.shiftKey ? pane.querySelector("[data-send-open]") : null;
    event.preventDefault();
    pane.requestSubmit(wanted || pane.querySelector("[data-send]"));
  }
}

function sending(event) {
  const pane = event.target.closest?.("[data-pane]");
  if (!pane) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const empty = INTERNAL.includes(pane.dataset.pane) ? [] : showEmptyPlaceholders(pane);
  if (empty.length) return selectRange(editorOf(pane), empty[0]);
  if (pane.dataset.sending) return;
  if (pane.querySelector("[data-files] progress")) return toast(word("filesUnderWay"), "error");
  close(editorOf(pane));
  cancel(pane);
  markSent(pane, true);
  setSending(pane, true);
  deliver(pane, event.submitter);
}

function setSending(pane, on) {
  if (on) pane.dataset.sending = "1";
  else delete pane.dataset.sending;
  pane.querySelectorAll("[data-send],[data-send-open]").forEach((button) => button.setAttribute("aria-disabled", String(on)));
}

// The page stays until the server has answered: what can't be sent is still there, and said to be.
async function deliver(pane, submitter) {
  const body = new FormData(pane);
  if (submitter?.name) body.append(submitter.name, submitter.value);
  const headers = { "X-CSRFToken": document.body.dataset.csrf, "X-Requested-With": "fetch" };
  try {
    const response = await fetch(pane.action, { method: "POST", body, headers, signal: AbortSignal.timeout(PATIENCE_MS) });
    // Signed out: whoever signs in again on the spot sends the same once more; until then nothing is sent.
    if (response.redirected) {
      markSent(pane, false);
      if (!(await session.over?.())) return failed(pane, "signInAgain");
      markSent(pane, true);
      return deliver(pane, submitter);
    }
    if (response.ok) return location.assign((await response.json()).url);
    if (response.status === 409 || response.status === 422) return refused(pane, await response.text());
    failed(pane, response.status === 404 ? "sendGone" : "sendFailed");
  } catch {
    failed(pane, "sendOffline");
  }
}

function failed(pane, reason) {
  setSending(pane, false);
  markSent(pane, false);
  touch(pane);
  toast(word(reason), "error");
}

// The page that comes back holds everything that was typed, and says what is in the way.
function refused(pane, html) {
  const composer = pane.closest("[data-composer]");
  const page = parse(html);
  const fresh = page.querySelector("[data-composer]");
  const conflict = page.querySelector(".conflict");
  if (!fresh) return failed(pane, "sendFailed");
  markSent(pane, false);
  document.querySelector(".conflict")?.remove();
  fresh.classList.toggle("is-open", composer.classList.contains("is-open") && !conflict);
  composer.replaceWith(fresh);
  if (conflict) fresh.before(conflict);
  document.title = page.querySelector("title")?.textContent || document.title;
  prepare(fresh);
  const told = conflict || fresh.querySelector(`[data-pane="${pane.dataset.pane}"] :is([data-doubts],.ed-error)`);
  told?.scrollIntoView({ block: "nearest" });
  announce(told?.querySelector("h2,strong")?.textContent || told?.textContent || "");
  if (!conflict) editorOf(fresh.querySelector(`[data-pane="${pane.dataset.pane}"]`))?.focus();
  else conflict.querySelector("button")?.focus();
}

function prepare(composer) {
  panesOf(composer).forEach((pane) => {
    restore(pane);
    const picker = pane.querySelector("[data-picker]");
    if (picker) editorOf(pane).setAttribute("aria-controls", picker.id);
    editorOf(pane).setAttribute("aria-autocomplete", "list");
    if (!INTERNAL.includes(pane.dataset.pane)) showEmptyPlaceholders(pane);
  });
  setMode(composer, composer.dataset.mode || "answer", { focus: false });
}

function startComposer() {
  document.querySelectorAll("[data-composer]").forEach(prepare);
  startPicker();
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-tab]");
    if (tab) chooseTab(tab);
    const all = event.target.closest("[data-reply-all]");
    if (all) replyAll(all);
    if (event.target.closest("[data-focus-editor]")) document.querySelector('[data-tab="answer"]')?.click();
    if (event.target.closest("[data-composer-close]")) putAway(event.target.closest("[data-composer]"));
  });
  document.addEventListener("input", (event) => {
    const pane = event.target.closest("[data-pane]");
    if (!pane || event.target.matches("[type=file],[data-on-day]")) return;
    touch(pane);
    const editor = event.target.closest("[data-editor]");
    if (!editor) return;
    mirror(editor);
    look(editor);
    if (!INTERNAL.includes(pane.dataset.pane)) showEmptyPlaceholders(pane);
  });
  // Whoever comes by Tab goes on below the greeting as well; a click says itself where.
  document.addEventListener("focusin", (event) => {
    const editor = event.target.closest?.("[data-editor]");
    if (editor && !typedIn(editor) && [0, editor.value.length].includes(editor.selectionEnd)) goOn(editor);
  });
  document.addEventListener("keydown", tabKeys);
  document.addEventListener("keydown", editorKeys, true);
  document.addEventListener("submit", sending, true);
  addEventListener("pagehide", flushAll);
  addEventListener("pageshow", () => document.querySelectorAll("[data-pane][data-sending]").forEach((pane) => setSending(pane, false)));
}

startComposer();
