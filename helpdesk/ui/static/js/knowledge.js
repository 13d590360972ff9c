// The editor of answers: rich text over the plain fields, autosave, pictures. Without it the
// fields hold marked text and everything works by the buttons of the form.
import Squire from "../vendor/squire/squire.js";

const TAGS = ["p", "br", "strong", "b", "em", "i", "h2", "h3", "ul", "ol", "li", "blockquote", "a", "img"];
const WAIT_MS = 1500;
// Whoever presses "save" waits for a save on its way no longer than this.
const LONGEST_MS = 10_000;
const form = document.querySelector("[data-answer-form]");
const editors = new Map();
let lastUsed = null;
let lastField = null;

// What is pasted is cleaned here for the eye; the server cleans it again and decides.
function clean(html) {
  // The browser complains of each style and handler it reads. Their first letter is written as
  // an entity: in a word it is read as the letter, as the name of an attribute it means nothing.
  const bare = html.replace(/\b(?:style|on\w+)\s*=/gi, (name) => `&#${name.charCodeAt(0)};${name.slice(1)}`);
  const renamed = bare.replace(/<(\/?)h1\b/gi, "<$1h2").replace(/<(\/?)h[456]\b/gi, "<$1h3");
  const fragment = window.DOMPurify.sanitize(renamed, {
    ALLOWED_TAGS: TAGS, ALLOWED_ATTR: ["href", "src", "alt", "data-cid"], ALLOW_DATA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
  // Of some broken markup nothing is left, and then there is no fragment either.
  if (!fragment) return document.createDocumentFragment();
  // A picture from elsewhere would be asked for by every reader: only files of the answer stay.
  fragment.querySelectorAll("img:not([data-cid])").forEach((image) => image.remove());
  return document.importNode(fragment, true);
}

// A picture is asked for as soon as it has an address; of what is pasted only our own may be.
window.DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName !== "IMG" || /^\d{1,12}$/.test(node.dataset.cid)) return;
  node.removeAttribute("src");
  node.removeAttribute("data-cid");
});

function setBlocks(editor, tag) {
  const wanted = editor.hasFormat(tag) ? "P" : tag;
  editor.modifyBlocks((fragment) => {
    fragment.querySelectorAll("p, h2, h3").forEach((block) => {
      if (block.closest("li, blockquote")) return;
      const made = document.createElement(wanted);
      made.append(...block.childNodes);
      block.replaceWith(made);
    });
    return fragment;
  });
}

function toggle(editor, tag, on, off) {
  if (editor.hasFormat(tag)) editor[off]();
  else editor[on]();
}

const COMMANDS = {
  bold: (editor) => toggle(editor, "B", "bold", "removeBold"),
  italic: (editor) => toggle(editor, "I", "italic", "removeItalic"),
  h2: (editor) => setBlocks(editor, "H2"),
  h3: (editor) => setBlocks(editor, "H3"),
  ul: (editor) => toggle(editor, "UL", "makeUnorderedList", "removeList"),
  ol: (editor) => toggle(editor, "OL", "makeOrderedList", "removeList"),
  quote: (editor) => toggle(editor, "BLOCKQUOTE", "increaseQuoteLevel", "decreaseQuoteLevel"),
  unlink: (editor) => editor.removeLink(),
};
const SHOWN = { bold: "B", italic: "I", h2: "H2", h3: "H3", ul: "UL", ol: "OL", quote: "BLOCKQUOTE", link: "A" };

function address(typed) {
  const text = typed.trim();
  if (/^\d+$/.test(text)) return `/w/${text}`;
  if (/^(https?:|mailto:|tel:|\/w\/\d+$)/i.test(text)) return text;
  return text.includes("@") ? `mailto:${text}` : ["https:", "", text].join("/");
}

function prepare(box) {
  const area = box.querySelector("textarea");
  const root = box.querySelector("[data-rich-text]");
  const tools = box.querySelector("[role=toolbar]");
  const editor = new Squire(root, { blockTag: "P", sanitizeToDOMFragment: clean });
  editor.setHTML(box.querySelector("[data-rich-html]").innerHTML);
  box.classList.add("is-rich");
  root.hidden = tools.hidden = false;
  root.id = `${area.id}_rich`;
  box.querySelector("label")?.removeAttribute("for");
  box.querySelector("label")?.addEventListener("click", () => editor.focus());
  editor.addEventListener("input", () => changed());
  editor.addEventListener("focus", () => { lastUsed = editor; lastField = null; });
  editor.addEventListener("pathChange", () => press(editor, tools));
  useTools(editor, tools);
  editors.set(area, editor);
}

function press(editor, tools) {
  for (const [name, tag] of Object.entries(SHOWN)) {
    const button = tools.querySelector(`:scope > [data-do="${name}"]`);
    if (button && name !== "link") button.setAttribute("aria-pressed", String(editor.hasFormat(tag)));
  }
}

function useTools(editor, tools) {
  const link = tools.querySelector(".rich-link");
  const field = tools.querySelector("[data-link-address]");
  const buttons = [...tools.querySelectorAll(":scope > button")];
  buttons.forEach((button, at) => { button.tabIndex = at ? -1 : 0; });
  const showLink = (shown) => {
    link.hidden = !shown;
    tools.querySelector('[data-do="link"]').setAttribute("aria-expanded", String(shown));
    if (shown) field.focus();
  };
  tools.addEventListener("mousedown", (event) => { if (event.target.closest(":scope > button")) event.preventDefault(); });
  tools.addEventListener("click", (event) => {
    const name = event.target.closest("[data-do]")?.dataset.do;
    if (!name) return;
    if (name === "link") return showLink(link.hidden);
    if (name === "set-link" && field.value.trim()) editor.makeLink(address(field.value));
    else COMMANDS[name]?.(editor);
    if (name === "set-link" || name === "unlink") showLink(false);
    editor.focus();
    press(editor, tools);
  });
  tools.addEventListener("keydown", (event) => {
    if (event.target === field && event.key === "Enter") {
      event.preventDefault();
      tools.querySelector('[data-do="set-link"]').click();
    }
    if (event.key === "Escape") { showLink(false); editor.focus(); }
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = buttons.indexOf(event.target);
    if (!step || at < 0) return;
    const next = buttons[(at + step + buttons.length) % buttons.length];
    buttons.forEach((button) => { button.tabIndex = button === next ? 0 : -1; });
    next.focus();
  });
}

function fill() {
  editors.forEach((editor, area) => { area.value = editor.getHTML().replace(/<br><\/p>/g, "</p>"); });
  form.elements.format.value = "html";
}

let timer = 0;
let stopped = false;
let turn = Promise.resolve();
let waiting = 0;
const state = form.querySelector("[data-saved-state]");

function changed() {
  form.dispatchEvent(new Event("input", { bubbles: true }));
  later();
}

function later() {
  clearTimeout(timer);
  if (!stopped && form.dataset.autosaveUrl) timer = setTimeout(save, WAIT_MS);
}

// One at a time: each must know the revision that the one before has made.
function save() {
  waiting += 1;
  turn = turn.then(send).finally(() => { waiting -= 1; });
}

async function send() {
  if (stopped) return;
  fill();
  const body = new FormData(form);
  try {
    const response = await fetch(form.dataset.autosaveUrl, {
      method: "POST", body, headers: { "X-Requested-With": "fetch" }, signal: AbortSignal.timeout(LONGEST_MS),
    });
    if (response.ok && !response.redirected) {
      form.elements.revision.value = (await response.json()).revision;
      state.textContent = `${form.dataset.saved} ${new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" })}`;
      return;
    }
    stopped = response.status === 409;
    state.textContent = stopped ? form.dataset.conflict : form.dataset.notSaved;
  } catch {
    state.textContent = form.dataset.notSaved;
  }
}

document.querySelectorAll("[data-rich-field]").forEach(prepare);
form.addEventListener("input", (event) => { if (event.target !== form) later(); });
// Of the plain fields those take a shared text that show one to readers.
form.addEventListener("focusin", (event) => {
  if (/^(cost|duration|documents)_/.test(event.target.name ?? "")) lastField = event.target;
});
form.addEventListener("submit", (event) => {
  clearTimeout(timer);
  stopped = true;
  fill();
  if (!waiting) return;
  event.preventDefault();
  turn.then(() => form.requestSubmit(event.submitter));
});
// While one writes the single keys are letters; these two go on as everywhere else.
form.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (event.key === "s") save();
  else if (event.key === "Enter") form.requestSubmit(form.querySelector('[name="publish"]'));
  else return;
  event.preventDefault();
});
document.querySelectorAll("[data-insert-picture]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    const editor = lastUsed || editors.values().next().value;
    const image = document.createElement("img");
    image.src = button.dataset.address;
    image.dataset.cid = button.dataset.insertPicture;
    image.alt = "";
    editor.insertElement(image);
    changed();
  });
});
// A shared text is put in by its name; whatever is written in last takes it.
document.querySelectorAll("[data-insert-text]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    if (lastField) {
      lastField.setRangeText(button.dataset.insertText, lastField.selectionStart, lastField.selectionEnd, "end");
      lastField.focus();
    } else {
      const editor = lastUsed || editors.values().next().value;
      editor.insertPlainText(button.dataset.insertText, true);
      editor.focus();
    }
    changed();
  });
});
// A link to a field of the checklist opens what hides it, and goes to the text that stands for it.
function reveal() {
  const target = document.getElementById(location.hash.slice(1));
  if (!target) return;
  for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  const editor = editors.get(target);
  if (editor) editor.focus();
  else target.focus?.();
}
addEventListener("hashchange", reveal);
if (location.hash) reveal();
