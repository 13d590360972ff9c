// Keys by what is written on them (event.key). Elements name their command in data-key, by its key in the
// table of commands (helpdesk/desk/commands.py); what this agent has changed is put in between here.
import { moveRow, toggleRow, toggleAll, openRow } from "./list.js";

const FIELDS = 'input:not([type="checkbox"]):not([type="radio"]),textarea,select,[contenteditable=""],[contenteditable="true"]';
const LIST_KEYS = {
  j: () => moveRow(1),
  k: () => moveRow(-1),
  J: () => moveRow(1, { extend: true }),
  K: () => moveRow(-1, { extend: true }),
  o: () => openRow(),
  x: () => toggleRow(),
  "*": () => toggleAll(),
};
// A dialog that has just closed keeps its focus until the next frame: nobody types into what is not there.
const isTyping = (target) => Boolean(target.matches?.(FIELDS) && target.getClientRects().length);
// What no element stands for; other modules put theirs in.
export const OWN_KEYS = {};
const SEQUENCE_MS = 1200;
const changes = JSON.parse(document.body.dataset.keyChanges || "{}");
const isOff = document.body.dataset.keys === "off";
let prefix = "";
let prefixTimer = 0;

export const ownKey = (key) => changes[key] ?? key;
const modal = () => document.querySelector("dialog[open]");

function usable(element) {
  const open = modal();
  if (open && !open.contains(element)) return false;
  return !element.closest("[hidden],dialog:not([open])") && !element.matches(":disabled");
}

export function elementFor(key) {
  return [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key && usable(element));
}

export function canRun(key) {
  if (elementFor(key)) return true;
  return !modal() && (key in OWN_KEYS || (key in LIST_KEYS && Boolean(document.querySelector("[data-list] [data-row]"))));
}

export function run(key) {
  const element = key === "?" ? null : elementFor(key);
  if (element) activate(element);
  else (OWN_KEYS[key] || LIST_KEYS[key])();
}

function activate(element) {
  const details = element.matches("details") ? element : element.matches("summary") ? element.parentElement : null;
  if (details) {
    details.open = !details.open;
    details.querySelector(details.open ? ".menu-body :is(a,button,input:not([type=hidden]),select)" : "summary")?.focus();
  } else if (element.matches("input:not([type=checkbox]):not([type=submit]),textarea,select")) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
}

export function nameOf(element) {
  const given = element.dataset.keyLabel || element.getAttribute("aria-label") || element.placeholder;
  if (given) return given;
  const copy = (element.labels?.[0] || element).cloneNode(true);
  copy.querySelectorAll("kbd,.count,svg").forEach((part) => part.remove());
  return copy.textContent.trim();
}

function escape(event) {
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
    event.preventDefault();
  } else if (event.target.matches?.(FIELDS)) {
    event.target.blur();
  }
}

function remember(key) {
  clearTimeout(prefixTimer);
  prefix = key;
  prefixTimer = setTimeout(() => { prefix = ""; }, SEQUENCE_MS);
}

function keysHere() {
  const named = [...document.querySelectorAll("[data-key]")].map((element) => element.dataset.key);
  return new Set([...named, ...Object.keys(LIST_KEYS), ...Object.keys(OWN_KEYS)]);
}

function pressed(event) {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Escape") return escape(event);
  if (event.ctrlKey || event.metaKey || event.altKey || isOff || isTyping(event.target)) return;
  const typed = prefix ? `${prefix} ${event.key}` : event.key;
  const keys = [...keysHere()];
  const key = keys.find((one) => ownKey(one) === typed && canRun(one));
  if (!key && !prefix && keys.some((one) => ownKey(one).startsWith(`${typed} `))) return remember(typed);
  if (event.key !== "Shift") prefix = "";
  if (!key) return;
  event.preventDefault();
  run(key);
}

// Readers hear the key that works for this agent, and eyes see it.
export function announceKeys(root = document) {
  root.querySelectorAll("[data-key]").forEach((element) => {
    const key = ownKey(element.dataset.key);
    if (isOff || !key || key.includes(" ")) return element.removeAttribute("aria-keyshortcuts");
    element.setAttribute("aria-keyshortcuts", /^[A-Z]$/.test(key) ? `Shift+${key}` : key);
  });
  if (!isOff && !Object.keys(changes).length) return;
  root.querySelectorAll("kbd").forEach((cap) => {
    const key = cap.dataset.standard ?? cap.textContent.trim().replace(/^⇧(?=[A-Z]$)/, "");
    if (isOff && key.length === 1) cap.hidden = true;
    if (!(key in changes)) return;
    cap.dataset.standard = key;
    cap.hidden = (isOff && key.length === 1) || !changes[key];
    cap.textContent = changes[key].replace(/^[A-Z]$/, "⇧$&");
  });
}

// What was pressed before the scripts had started, now that all of them have (see early.js).
function playEarly() {
  (window.earlyKeys?.() ?? []).forEach((key) => {
    const target = document.activeElement || document.body;
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    if (!target.dispatchEvent(event)) return;
    if (target.matches(FIELDS)) document.execCommand(key === "Backspace" ? "delete" : "insertText", false, key);
    else if (key === "Enter") target.closest("a,button,summary")?.click();
  });
}

export function startKeys() {
  document.addEventListener("DOMContentLoaded", playEarly);
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", (event) => {
    if (event.target.closest('[data-key="?"]')) run("?");
  });
  document.addEventListener("htmx:load", (event) => announceKeys(event.target));
  announceKeys();
}
