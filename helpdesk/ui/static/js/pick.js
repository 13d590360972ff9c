// One list to choose from, opened by a key: what selects of the page offer, or what an address finds.
import { send } from "./autosave.js";
import { icon, word } from "./page.js";

const WAIT_MS = 120;
const RECENT = 4;
let parts = null;
let opener = null;
let shown = [];
let active = 0;
let asked = 0;
let timer = 0;

const plain = (text) => text.toLowerCase().replaceAll("ß", "ss").normalize("NFD").replace(/\p{M}/gu, "");

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...children);
  return element;
}

function build() {
  const title = make("h2", { id: "pick-title" });
  const close = make("button", { class: "btn btn-quiet btn-narrow", type: "button", "data-close-dialog": "", "aria-label": word("close") }, icon("close"));
  const list = make("ul", { class: "pick-list", id: "pick-list", role: "listbox", "aria-labelledby": "pick-title" });
  const field = make("input", {
    class: "input", role: "combobox", "aria-expanded": "true", "aria-autocomplete": "list", "aria-controls": "pick-list",
    "aria-labelledby": "pick-title", autocomplete: "off", spellcheck: "false", placeholder: word("pickType"),
  });
  const said = make("p", { class: "vh", role: "status" });
  const none = make("p", { class: "muted pick-none", hidden: "" });
  const dialog = make("dialog", { class: "dialog pick", "aria-labelledby": "pick-title" },
    make("div", { class: "dialog-head" }, title, close), make("div", { class: "pick-field" }, field), list, none, said);
  document.body.append(dialog);
  field.addEventListener("input", find);
  field.addEventListener("keydown", pressed);
  list.addEventListener("click", (event) => {
    const line = event.target.closest("[role=option]");
    if (line) take(shown[Number(line.dataset.at)]);
  });
  return { dialog, title, field, list, none, said };
}

function open(button) {
  parts ||= build();
  opener = button;
  parts.title.textContent = button.dataset.pickTitle;
  parts.field.value = "";
  parts.field.maxLength = Number(button.dataset.pickLongest || 100);
  parts.dialog.showModal();
  parts.field.focus();
  find();
}

// What was taken here last, by its keys alone; signing out forgets it.
const key = () => `recent:${document.body.dataset.user}:${opener.dataset.pick}`;
const named = (choice) => `${choice.select}=${choice.value}`;

function recent() {
  try { return JSON.parse(localStorage.getItem(key())) || []; } catch { return []; }
}

function remember(choice) {
  const others = recent().filter((one) => one !== named(choice));
  try { localStorage.setItem(key(), JSON.stringify([named(choice), ...others].slice(0, RECENT))); } catch { /* not kept then */ }
}

function ofSelects() {
  return opener.dataset.pick.split(" ").flatMap((id) => {
    const select = document.getElementById(id);
    const name = select?.labels[0]?.textContent.trim() || "";
    return [...(select?.options || [])].filter((option) => !option.disabled).map((option) => ({
      title: option.label.trim(), note: option.parentElement.label || name, value: option.value, select: id, chosen: option.selected,
    }));
  });
}

// What begins with the typed text comes first, then where a word does, then what holds it; of equals what was taken last.
function rank(text, typed) {
  const at = plain(text).indexOf(typed);
  return at <= 0 ? at : /[^\p{L}\d]/u.test(plain(text)[at - 1]) ? 1 : 2;
}

function find() {
  clearTimeout(timer);
  if (opener.dataset.pickUrl) {
    timer = setTimeout(ask, parts.field.value ? WAIT_MS : 0);
    return;
  }
  const typed = plain(parts.field.value.trim());
  const taken = recent();
  const late = (choice) => (taken.indexOf(named(choice)) + 1 || RECENT + 1);
  const ranked = ofSelects().map((choice) => ({ choice, at: rank(choice.title, typed), late: late(choice) })).filter(({ at }) => at >= 0);
  show(ranked.sort((one, other) => one.at - other.at || one.late - other.late).map(({ choice }) => choice));
}

async function ask() {
  const mine = ++asked;
  const url = new URL(opener.dataset.pickUrl, location.href);
  url.searchParams.set("q", parts.field.value.trim());
  try {
    const response = await fetch(url);
    const { results } = response.ok ? await response.json() : { results: [] };
    if (mine === asked) show(results);
  } catch {
    if (mine === asked) show([]);
  }
}

function show(choices) {
  shown = choices;
  active = Math.max(0, parts.field.value ? 0 : choices.findIndex((choice) => choice.chosen && !choice.remove));
  parts.list.replaceChildren(...choices.map((choice, at) => {
    const line = make("li", { class: "option", role: "option", id: `pick-${at}`, "data-at": at, "aria-selected": "false" });
    const mark = make("span", { class: "pick-mark" });
    if (choice.chosen) mark.append(icon("check"));
    line.append(mark, make("span", { class: "pick-name" }, choice.title), make("span", { class: "muted" }, choice.note || ""));
    return line;
  }));
  parts.list.hidden = !choices.length;
  parts.none.hidden = choices.length > 0;
  parts.none.textContent = word("pickNone");
  parts.said.textContent = choices.length ? word("callersFound", choices.length) : word("pickNone");
  point();
}

function point() {
  const lines = [...parts.list.children];
  lines.forEach((line, at) => line.setAttribute("aria-selected", String(at === active)));
  if (lines[active]) {
    parts.field.setAttribute("aria-activedescendant", lines[active].id);
    lines[active].scrollIntoView({ block: "nearest" });
  } else {
    parts.field.removeAttribute("aria-activedescendant");
  }
}

function pressed(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && shown.length) {
    active = (active + step + shown.length) % shown.length;
    point();
  } else if (event.key === "Enter") {
    if (shown[active]) take(shown[active]);
  } else return;
  event.preventDefault();
}

function take(choice) {
  parts.dialog.close();
  if (choice.select) {
    remember(choice);
    const select = document.getElementById(choice.select);
    if (select.value === choice.value) return;
    select.value = choice.value;
    select.form.requestSubmit();
    return;
  }
  const data = new FormData();
  data.set(opener.dataset.pickName, choice.value);
  send(choice.remove ? opener.dataset.pickRemove : opener.dataset.pickAction, data);
}

export function startPick() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-pick],[data-pick-url]");
    if (!button) return;
    event.preventDefault();
    open(button);
  });
}
