// Text modules by "::", answers of the knowledge base by "??": a list docked inside the composer;
// the focus stays in the text.
import { withoutGreeting } from "./greeting.js";
import { announce, post, word } from "./page.js";

// "::" and a slash at the beginning of a line ask for text modules, "??" for answers.
const TRIGGER = /(?:(?:^|\s)(::|\?\?|@)|(?:^|\n)(\/))([^\s:?@/]{0,40})$/;
const SOURCES = { "::": "modulesUrl", "/": "modulesUrl", "??": "answersUrl", "@": "peopleUrl" };
const SAID = { modulesUrl: ["moduleNone", "modulesFound"], answersUrl: ["answerNone", "answersFound"], peopleUrl: ["personNone", "peopleFound"] };
const WAIT_MS = 120;
let timer = 0;
let asked = 0;
// Whose list is still on its way, and whether Enter was pressed meanwhile: it takes the first of what
// comes, never one of a list that answers less than was typed.
let waiting = null;
let isHasty = false;

const boxOf = (editor) => editor.closest("[data-pane]").querySelector("[data-picker]");
const chosenIn = (box) => box.querySelector('[aria-selected="true"]');

function asking(editor) {
  if (editor.selectionStart !== editor.selectionEnd) return null;
  const found = TRIGGER.exec(editor.value.slice(0, editor.selectionStart));
  return found && { sign: found[1] || found[2], text: found[3] };
}

const sourceOf = (editor) => SOURCES[asking(editor)?.sign];

export function close(editor) {
  const box = boxOf(editor);
  if (!box) return;
  clearTimeout(timer);
  asked += 1;
  waiting = null;
  isHasty = false;
  box.hidden = true;
  box.replaceChildren();
  editor.removeAttribute("aria-activedescendant");
}

export function look(editor) {
  const found = asking(editor);
  clearTimeout(timer);
  if (!boxOf(editor)) return;
  if (!found || !editor.dataset[sourceOf(editor)]) return close(editor);
  waiting = editor;
  timer = setTimeout(() => load(editor, found.text), WAIT_MS);
}

// The Enter that waited is a new line after all.
function breakLine() {
  isHasty = false;
  document.execCommand("insertText", false, "\n");
}

async function load(editor, text) {
  const mine = ++asked;
  const source = sourceOf(editor);
  if (!source) return close(editor);
  const url = new URL(editor.dataset[source], location.href);
  url.searchParams.set("q", text);
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    const found = response.ok ? (await response.json()).results : [];
    if (mine === asked) show(editor, found, SAID[source]);
  } catch {
    if (mine !== asked) return;
    if (isHasty) breakLine();
    close(editor);
  }
}

function show(editor, found, [none, some]) {
  // Whoever has gone elsewhere in the text asks for nothing any more.
  if (!asking(editor)) return close(editor);
  const box = boxOf(editor);
  const options = found.map((module, index) => option(box, module, index));
  if (!options.length) {
    const line = document.createElement("div");
    line.className = "option muted";
    line.setAttribute("role", "option");
    line.setAttribute("aria-disabled", "true");
    line.textContent = word(none);
    options.push(line);
  }
  box.replaceChildren(...options);
  box.hidden = false;
  waiting = null;
  if (isHasty) return found.length ? insert(editor, options[0]) : breakLine();
  if (found.length) mark(editor, options[0]);
  announce(found.length ? word(some, found.length) : word(none));
}

function option(box, module, index) {
  const line = document.createElement("div");
  const title = document.createElement("b");
  const excerpt = document.createElement("span");
  title.textContent = module.title;
  excerpt.textContent = module.excerpt || "";
  line.append(title, excerpt);
  if (module.mark) {
    const mark = document.createElement("span");
    mark.className = "option-mark";
    mark.textContent = module.mark;
    line.append(mark);
  }
  line.className = "option";
  line.id = `${box.id}-${index}`;
  line.setAttribute("role", "option");
  line.setAttribute("aria-selected", "false");
  line.dataset.body = module.body;
  if (module.used) line.dataset.used = module.used;
  return line;
}

function mark(editor, line) {
  boxOf(editor).querySelectorAll(".option").forEach((other) => other.setAttribute("aria-selected", String(other === line)));
  editor.setAttribute("aria-activedescendant", line.id);
  line.scrollIntoView({ block: "nearest" });
}

function insert(editor, line) {
  const end = editor.selectionStart;
  const found = asking(editor);
  if (!found) return close(editor);
  const { sign, text } = found;
  const start = end - text.length - sign.length;
  close(editor);
  editor.focus();
  editor.setSelectionRange(start, end);
  put(editor, line, start, end);
}

function put(editor, line, start, end) {
  if (line.dataset.used) post(line.dataset.used, new FormData());
  // insertText keeps the browser's own undo; setRangeText is for those that have dropped it.
  const text = withoutGreeting(editor, bodyOf(line));
  if (!document.execCommand("insertText", false, text)) {
    editor.setRangeText(text, start, end, "end");
    editor.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

const bodyOf = (line) => line.dataset.body ?? line.dataset.insertBody;

// An answer of the panel goes where the text is written.
function insertFromPanel(button) {
  const editor = document.querySelector('[data-pane="answer"] [data-editor]');
  if (!editor) return;
  document.querySelector('[data-tab="answer"]')?.click();
  editor.focus();
  put(editor, button, editor.selectionStart, editor.selectionEnd);
}

// Returns whether the key was for the list.
export function pickerKey(editor, event) {
  const box = boxOf(editor);
  const isTaking = ["Enter", "Tab"].includes(event.key) && !event.ctrlKey && !event.metaKey;
  if (isHasty && !asking(editor)) isHasty = false;
  if (isHasty && event.key.length === 1) breakLine();
  if (box && isTaking && event.key === "Enter" && waiting === editor && asking(editor)) {
    isHasty = true;
    event.preventDefault();
    return true;
  }
  if (!box || box.hidden) return false;
  if (!asking(editor)) {
    close(editor);
    return false;
  }
  const lines = [...box.querySelectorAll(".option[data-body]")];
  const at = lines.indexOf(chosenIn(box));
  if (event.key === "Escape") close(editor);
  else if (!lines.length) return false;
  else if (event.key === "ArrowDown") mark(editor, lines[(at + 1) % lines.length]);
  else if (event.key === "ArrowUp") mark(editor, lines[(at - 1 + lines.length) % lines.length]);
  else if (isTaking) insert(editor, lines[Math.max(0, at)]);
  else return false;
  event.preventDefault();
  return true;
}

export function startPicker() {
  document.addEventListener("mousedown", (event) => {
    const line = event.target.closest("[data-picker] .option[data-body]");
    if (!line) return;
    event.preventDefault();
    insert(line.closest("[data-pane]").querySelector("[data-editor]"), line);
  });
  document.addEventListener("click", (event) => {
    const answer = event.target.closest("[data-insert-body]");
    if (answer) insertFromPanel(answer);
    const trigger = event.target.closest("[data-insert-trigger]");
    if (!trigger) return;
    const sign = trigger.dataset.insertTrigger;
    const editor = trigger.closest("[data-pane]").querySelector("[data-editor]");
    editor.focus();
    const before = editor.value.slice(0, editor.selectionStart);
    document.execCommand("insertText", false, before && !/\s$/.test(before) ? ` ${sign}` : sign);
  });
  document.addEventListener("keydown", (event) => {
    const at = event.altKey && !event.ctrlKey && !event.metaKey ? ["1", "2", "3"].indexOf(event.key) : -1;
    const button = document.querySelectorAll("[data-insert-body]")[at];
    if (!button) return;
    event.preventDefault();
    insertFromPanel(button);
  });
}
