// The palette: commands of this page and places at once, requests, citizens and answers from the server.
import { ready, wordsOf } from "./commands.js";
import { canRun, run } from "./keys.js";
import { announce, post, word } from "./page.js";

const WAIT_MS = 90;
const SHORTEST = 2;
const FEW = 6;
const MODES = "#@>?";
let parts = null;
let here = [];
let timer = 0;
let asked = 0;
let pending = null;
let settle = () => {};
let recent = [];

const dialog = () => document.getElementById("palette");
const field = () => dialog().querySelector("input");
const options = () => [...dialog().querySelectorAll('[role="option"]')];
const marked = () => dialog().querySelector('[role="option"][aria-selected="true"]');
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("ß", "ss");

// ``release`` ends the holding back of keys and gives what was typed so far.
export async function open(release, opened) {
  await ready();
  const typed = release();
  recent = opened;
  if (document.querySelector("dialog[open]")) return;
  parts ||= start();
  here = commandsHere();
  dialog().showModal();
  field().value = typed.text;
  changed();
  if (typed.enter) enter({});
}

function start() {
  const box = dialog();
  const found = { here: box.querySelector("[data-palette-here]"), found: box.querySelector("[data-palette-found]") };
  field().addEventListener("input", changed);
  field().addEventListener("keydown", pressed);
  box.addEventListener("close", forget);
  box.addEventListener("mousedown", (event) => { if (event.target.closest('[role="option"]')) event.preventDefault(); });
  box.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option && !option.href) { event.preventDefault(); take(option); }
    // What leads to another place of this very page leaves the palette open otherwise.
    else if (option) setTimeout(() => box.close(), 0);
  });
  return found;
}

// Asked before the dialog opens: behind it nothing can be reached.
function commandsHere() {
  const all = [...document.getElementById("palette-commands").content.querySelectorAll('[role="option"]')];
  return all.map((option) => option.cloneNode(true)).filter((option) => {
    const { command, press } = option.dataset;
    if (press) return Boolean(document.querySelector(press));
    if (!command) return true;
    if (!canRun(command)) return false;
    const label = option.querySelector("[data-label]");
    label.textContent = wordsOf(command, label.textContent);
    return true;
  });
}

function read() {
  const typed = field().value.trimStart();
  const mode = typed && MODES.includes(typed[0]) ? typed[0] : "";
  return { mode, text: (mode ? typed.slice(1) : typed).trim() };
}

// 0: the label begins so; 1: a word of it does; 2: it is somewhere inside; -1: not at all.
function rank(option, words) {
  const label = fold(option.querySelector("[data-label]").textContent);
  if (!words.length || label.startsWith(words.join(" "))) return 0;
  const parts = label.split(/[^\p{L}\p{N}]+/u);
  if (words.every((one) => parts.some((part) => part.startsWith(one)))) return 1;
  return words.every((one) => one.length > 2 && label.includes(one)) ? 2 : -1;
}

function fitting(mode, text) {
  if (mode === "#" || mode === "@") return [];
  const words = fold(text).split(/\s+/).filter(Boolean);
  const choice = here.filter((option) => {
    if (mode === "?") return "help" in option.dataset;
    return words.length || mode === ">" || option.dataset.command;
  });
  const ranked = choice.map((option, at) => [rank(option, words), at, option]).filter(([how]) => how >= 0);
  ranked.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
  return ranked.slice(0, mode ? undefined : FEW).map(([, , option]) => option);
}

function changed() {
  const { mode, text } = read();
  parts.here.replaceChildren(...fitting(mode, text));
  clearTimeout(timer);
  forget();
  const asks = !(">?".includes(mode) && mode) && (!text ? !mode && recent.length : mode === "#" || text.length >= SHORTEST);
  if (!asks) parts.found.replaceChildren();
  mark(parts.here.querySelector('[role="option"]') || (asks ? null : options()[0]));
  dialog().querySelector("[data-palette-nothing]").hidden = asks || Boolean(options().length);
  if (!asks) return;
  pending = new Promise((done) => { settle = done; });
  timer = setTimeout(() => load(mode, text), text ? WAIT_MS : 0);
}

function forget() {
  asked += 1;
  settle();
  pending = null;
}

async function load(mode, text) {
  const mine = ++asked;
  const body = new FormData();
  Object.entries({ q: text, only: mode, recent: recent.join() }).forEach(([name, value]) => body.set(name, value));
  let html = "";
  try {
    const response = await post(dialog().dataset.suggestUrl, body);
    html = response.ok && !response.redirected ? await response.text() : "";
  } catch { /* offline: what is on the page is still found */ }
  if (mine !== asked) return;
  parts.found.innerHTML = html;
  if (!marked()) mark(options()[0]);
  announce(word("callersFound", options().length));
  settle();
  pending = null;
}

function mark(option) {
  options().forEach((other) => other.setAttribute("aria-selected", String(other === option)));
  if (!option) return field().removeAttribute("aria-activedescendant");
  option.id ||= `palette-${Math.random().toString(36).slice(2)}`;
  field().setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

async function pressed(event) {
  const all = options();
  const at = all.indexOf(marked());
  if (event.key === "ArrowDown" && all.length) mark(all[(at + 1) % all.length]);
  else if (event.key === "ArrowUp" && all.length) mark(all.at(at < 1 ? -1 : at - 1));
  else if (event.key === "Enter" && !event.isComposing) enter(event);
  else return;
  event.preventDefault();
}

// Enter before the answer is there takes the first of what comes, never a line that was found for less.
async function enter(event) {
  const inNewTab = event.ctrlKey || event.metaKey;
  if (!parts.here.contains(marked())) await pending;
  const option = marked() || options()[0];
  if (option && dialog().open) take(option, inNewTab);
}

function take(option, inNewTab = false) {
  const { command, press, prefix } = option.dataset;
  if (prefix) {
    field().value = prefix;
    return changed();
  }
  if (option.href && inNewTab) return window.open(option.href, "_blank", "noopener");
  if (option.href) return option.click();
  dialog().close();
  if (press) document.querySelector(press)?.click();
  else if (canRun(command)) run(command);
}
