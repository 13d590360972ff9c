// The search field of the top bar: Ctrl+K, and suggestions while typing.
const WAIT_MS = 150;
const SHORTEST = 2;
const field = document.querySelector("[data-suggest-url]");
const box = document.getElementById("suggestions");
let timer = 0;
let running = null;

const options = () => [...box.querySelectorAll('[role="option"]')];
const chosen = () => box.querySelector('[aria-selected="true"]');

function close() {
  clearTimeout(timer);
  running?.abort();
  box.hidden = true;
  box.replaceChildren();
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function mark(option) {
  options().forEach((other) => other.setAttribute("aria-selected", String(other === option)));
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

async function load() {
  running?.abort();
  const mine = new AbortController();
  running = mine;
  const url = new URL(field.dataset.suggestUrl, location.href);
  url.searchParams.set("q", field.value);
  try {
    const response = await fetch(url, { signal: mine.signal });
    if (!response.ok || response.redirected) return close();
    const html = await response.text();
    if (mine.signal.aborted || document.activeElement !== field) return;
    box.innerHTML = html;
    box.hidden = !options().length;
    field.setAttribute("aria-expanded", String(!box.hidden));
    mark();
  } catch (error) {
    // The form works without suggestions; a stale request was ended on purpose.
    if (error.name !== "AbortError") close();
  }
}

function typed() {
  clearTimeout(timer);
  if (field.value.trim().length < SHORTEST) return close();
  timer = setTimeout(load, WAIT_MS);
}

function pressed(event) {
  const all = options();
  if (box.hidden || !all.length) return;
  const at = all.indexOf(chosen());
  if (event.key === "ArrowDown") mark(all[(at + 1) % all.length]);
  else if (event.key === "ArrowUp") mark(all.at(at < 0 ? -1 : at - 1));
  else if (event.key === "Escape") close();
  else if (event.key === "Enter" && at >= 0) location.assign(all[at].href);
  else return;
  event.preventDefault();
}

function shortcut(event) {
  if (!(event.ctrlKey || event.metaKey) || event.key !== "k" || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  field.focus();
  field.select();
}

export function startSearch() {
  if (!field || !box) return;
  const states = { role: "combobox", "aria-autocomplete": "list", "aria-controls": box.id, "aria-expanded": "false" };
  Object.entries(states).forEach(([name, value]) => field.setAttribute(name, value));
  field.addEventListener("input", typed);
  field.addEventListener("keydown", pressed);
  field.addEventListener("blur", () => setTimeout(() => { if (!box.contains(document.activeElement)) close(); }, 0));
  // The focus stays in the field while a suggestion is clicked.
  box.addEventListener("mousedown", (event) => event.preventDefault());
  document.addEventListener("keydown", shortcut);
}
