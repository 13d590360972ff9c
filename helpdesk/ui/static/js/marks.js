// Marks for what one types: Ctrl+B, Ctrl+I, Ctrl+K over chosen words, buttons, lists that go on, a preview.
import { announce, post, toast, word } from "./page.js";
import { marksOf, TARGET } from "./pasted.js";

const AROUND = { bold: "**", italic: "*" };
const KEYS = { b: "bold", i: "italic", k: "link" };
const BEFORE = { list: () => "- ", numbers: (at) => `${at + 1}. `, quote: () => "> ", heading: () => "## " };
// A number before a month is a day, and no item of a list.
const DAY = /^\s*\d{1,2}[.)] +(?:jan(?:uar|\.)|jänner|feb(?:ruar|\.)|märz|apr(?:il|\.)|mai|jun[i.]|jul[i.]|aug(?:ust|\.)|sep(?:tember|t?\.)|okt(?:ober|\.)|nov(?:ember|\.)|dez(?:ember|\.))(?![\wäöüß])/i;
const MARKED = /^(?:[-*•] |\d{1,3}[.)] |> ?|#{2,3} )/;
const ITEM = /^([ \t]*)(?:([-*•])|(\d{1,3})([.)]))( +)(.*)$/;
const EMPTY = "https:" + "//";

const paneOf = (node) => node.closest("[data-pane]");
const editorIn = (pane) => pane?.querySelector("[data-editor]");
const chosen = (editor) => editor.value.slice(editor.selectionStart, editor.selectionEnd);
const takesMarks = (editor) => editor && Boolean(paneOf(editor).querySelector("[data-marks]"));

// insertText keeps the browser's own undo; setRangeText is for those that have dropped it.
function put(editor, start, end, text) {
  editor.focus();
  editor.setSelectionRange(start, end);
  if (document.execCommand(text ? "insertText" : "delete", false, text)) return;
  editor.setRangeText(text, start, end, "end");
  editor.dispatchEvent(new Event("input", { bubbles: true }));
}

function around(editor, sign) {
  let [start, end] = [editor.selectionStart, editor.selectionEnd];
  const text = editor.value;
  // A double click takes the blank behind the word along.
  while (end > start && /\s/.test(text[end - 1])) end -= 1;
  // Stars that were chosen with their words, then those around them: one, two, or all three.
  const [, own, inner] = /^(\*{1,3})([^*]+)\1$/.exec(text.slice(start, end)) || [];
  if (inner) [start, end] = [start + own.length, end - own.length];
  let stars = 0;
  while (text[start - 1 - stars] === "*" && text[end + stars] === "*") stars += 1;
  const width = sign.length;
  if (stars <= 3 && (width === 1 ? stars % 2 === 1 : stars > 1)) {
    put(editor, start - width, end + width, text.slice(start, end));
    return editor.setSelectionRange(start - width, end - width);
  }
  put(editor, start, end, `${sign}${text.slice(start, end)}${sign}`);
  editor.setSelectionRange(start + sign.length, end + sign.length);
}

function link(editor, address = EMPTY) {
  const [start, end] = [editor.selectionStart, editor.selectionEnd];
  const words = chosen(editor).trim();
  if (TARGET.test(words)) {
    put(editor, start, end, `[](${words})`);
    return editor.setSelectionRange(start + 1, start + 1);
  }
  put(editor, start, end, `[${words}](${address})`);
  const at = start + words.length + 3;
  if (!words) editor.setSelectionRange(start + 1, start + 1);
  else if (address === EMPTY) editor.setSelectionRange(at, at + EMPTY.length);
}

function lines(editor, kind) {
  const start = editor.value.lastIndexOf("\n", editor.selectionStart - 1) + 1;
  const stop = editor.value.indexOf("\n", Math.max(editor.selectionStart, editor.selectionEnd - 1));
  const end = stop < 0 ? editor.value.length : stop;
  const rows = editor.value.slice(start, end).split("\n");
  const prefix = BEFORE[kind];
  const has = rows.every((row, at) => row.startsWith(prefix(at)));
  const changed = rows.map((row, at) => (has ? row.slice(prefix(at).length) : prefix(at) + (DAY.test(row) ? row : row.replace(MARKED, ""))));
  put(editor, start, end, changed.join("\n"));
  const last = start + changed.join("\n").length;
  editor.setSelectionRange(rows.length > 1 ? start : last, last);
}

function mark(editor, kind) {
  if (AROUND[kind]) around(editor, AROUND[kind]);
  else if (kind === "link") link(editor);
  else lines(editor, kind);
}

// Enter goes on with a list; on an empty item it ends it. A single number may be a day.
function goOn(editor, event) {
  const { selectionStart: at, value } = editor;
  if (at !== editor.selectionEnd) return;
  const start = value.lastIndexOf("\n", at - 1) + 1;
  const [, indent, bullet, number, dot, blank, words] = ITEM.exec(value.slice(start, at)) || [];
  if (indent === undefined || DAY.test(value.slice(start, at))) return;
  const above = value.slice(0, start).split("\n").at(-2) || "";
  if (number && number !== "1" && !above.startsWith(`${indent}${number - 1}${dot}`)) return;
  event.preventDefault();
  if (words) put(editor, at, at, `\n${indent}${bullet || Number(number) + 1 + dot}${blank}`);
  else put(editor, start, at, "");
}

function keys(event) {
  const editor = event.target.closest?.("[data-editor]");
  if (!takesMarks(editor) || event.isComposing || event.altKey) return;
  if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.defaultPrevented) return goOn(editor, event);
  const kind = (event.ctrlKey || event.metaKey) && !event.shiftKey && KEYS[event.key.toLowerCase()];
  // Without chosen words Ctrl+K is the way to the palette, as everywhere.
  if (!kind || (kind === "link" && !chosen(editor).trim())) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  mark(editor, kind);
}

function paste(event) {
  const editor = event.target.closest?.("[data-editor]");
  const data = event.clipboardData;
  if (!takesMarks(editor) || event.defaultPrevented || !data) return;
  const plain = data.getData("text/plain").trim();
  const isAddress = TARGET.test(plain) && chosen(editor).trim() && !TARGET.test(chosen(editor).trim());
  const marks = isAddress ? "" : marksOf(data.getData("text/html"));
  if (!isAddress && !marks) return;
  event.preventDefault();
  if (isAddress) link(editor, plain);
  else put(editor, editor.selectionStart, editor.selectionEnd, marks);
}

async function preview(button) {
  const pane = paneOf(button);
  const shown = pane.querySelector("[data-preview]");
  const on = button.getAttribute("aria-pressed") !== "true";
  if (on) {
    const body = new FormData();
    body.set("body", editorIn(pane).value);
    try {
      const response = await post(button.dataset.previewUrl, body);
      if (!response.ok || response.redirected) throw new Error();
      shown.innerHTML = await response.text();
    } catch {
      return toast(word("previewFailed"), "error");
    }
    announce(shown.innerText);
  }
  button.setAttribute("aria-pressed", String(on));
  shown.hidden = !on;
  pane.querySelector(".ed-wrap").hidden = on;
  pane.querySelectorAll("[data-mark]").forEach((one) => one.setAttribute("aria-disabled", String(on)));
}

// One stop of the Tab key; arrows lead from button to button.
function walk(event) {
  const bar = event.target.closest?.("[data-marks]");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!bar || !step) return;
  const all = [...bar.querySelectorAll("button")];
  const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
  all.forEach((one) => { one.tabIndex = one === next ? 0 : -1; });
  next.focus();
  event.preventDefault();
}

document.addEventListener("keydown", keys, true);
document.addEventListener("keydown", walk);
document.addEventListener("paste", paste);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-mark],[data-preview-url]");
  if (!button) return;
  if (button.dataset.previewUrl) return preview(button);
  if (button.getAttribute("aria-disabled") !== "true") mark(editorIn(paneOf(button)), button.dataset.mark);
});
