// Keys by what is written on them (event.key): elements name theirs in data-key; rows follow j and k.
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
const SEQUENCE_MS = 1200;
let prefix = "";
let prefixTimer = 0;

function usable(element) {
  const modal = document.querySelector("dialog[open]");
  if (modal && !modal.contains(element)) return false;
  return !element.closest("[hidden],dialog:not([open])") && !element.matches(":disabled");
}

function find(key) {
  return [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key && usable(element));
}

function activate(element) {
  const details = element.matches("details") ? element : element.matches("summary") ? element.parentElement : null;
  if (details) {
    details.open = !details.open;
    details.querySelector(details.open ? ".menu-body :is(a,button,input,select)" : "summary")?.focus();
  } else if (element.matches("input:not([type=checkbox]):not([type=submit]),textarea,select")) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
}

function help() {
  const dialog = document.getElementById("keys-dialog");
  const list = dialog?.querySelector("[data-keys-list]");
  if (!list) return;
  const label = list.dataset;
  const lines = document.querySelector("[data-row]")
    ? [["j", label.labelNext], ["k", label.labelPrevious], ["Enter o", label.labelOpen]]
    : [];
  if (document.querySelector("[data-select]")) lines.push(["x", label.labelSelect], ["⇧J ⇧K", label.labelExtend], ["*", label.labelAll]);
  document.querySelectorAll("[data-key]").forEach((element) => {
    if (element.dataset.key !== "?" && listed(element)) lines.push([element.dataset.key, nameOf(element)]);
  });
  if (document.querySelector("[data-composer]")) lines.push(["::", label.labelModule], [label.ctrlEnter || "Ctrl+Enter", label.labelSend]);
  lines.push(["Esc", label.labelLeave]);
  list.replaceChildren(...lines.map(line));
  dialog.showModal();
}

function listed(element) {
  return !element.closest("[hidden],dialog");
}

function nameOf(element) {
  const given = element.dataset.keyLabel || element.getAttribute("aria-label") || element.placeholder;
  if (given) return given;
  const copy = (element.labels?.[0] || element).cloneNode(true);
  copy.querySelectorAll("kbd,.count,svg").forEach((part) => part.remove());
  return copy.textContent.trim();
}

function line([keys, text]) {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  const meaning = document.createElement("dd");
  keys.split(" ").forEach((key) => {
    const cap = document.createElement("kbd");
    cap.textContent = key;
    term.append(cap, " ");
  });
  meaning.textContent = text;
  row.append(term, meaning);
  return row;
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

function pressed(event) {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Escape") return escape(event);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches?.(FIELDS) || document.body.dataset.keys === "off") return;
  const key = prefix ? `${prefix} ${event.key}` : event.key;
  const starts = !prefix && document.querySelector(`[data-key^="${CSS.escape(event.key)} "]`);
  const element = find(key);
  const inModal = document.querySelector("dialog[open]");
  let done = true;
  if (element && key !== "?") activate(element);
  else if (key === "?") help();
  else if (!inModal && LIST_KEYS[key] && document.querySelector("[data-list]")) LIST_KEYS[key]();
  else if (starts) return remember(event.key);
  else done = false;
  prefix = "";
  if (done) event.preventDefault();
}

export function announceKeys(root = document) {
  root.querySelectorAll("[data-key]").forEach((element) => {
    const key = element.dataset.key;
    if (key.includes(" ")) return;
    const shifted = /^[A-Z]$/.test(key);
    element.setAttribute("aria-keyshortcuts", shifted ? `Shift+${key}` : key);
  });
}

export function startKeys() {
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", (event) => {
    if (event.target.closest('[data-key="?"]')) help();
  });
  document.addEventListener("htmx:load", (event) => announceKeys(event.target));
  announceKeys();
}
