// Files by button, drop or paste: looked at before they leave, uploaded at once, kept with the draft.
import { touch } from "./drafts.js";
import { announce, toast, word } from "./page.js";

const composerOf = () => document.querySelector("[data-composer]");
const listOf = (pane) => pane.querySelector("[data-files]");
let depth = 0;

// Files go where one is writing.
function openPane() {
  const composer = composerOf();
  return composer?.querySelector(`[data-pane="${composer.dataset.mode}"]`);
}

function problemOf(pane, file) {
  const limits = composerOf().dataset;
  const endings = file.name.toLowerCase().split(".").slice(1);
  const denied = (limits.filesDenied || "").split(" ");
  if (listOf(pane).querySelectorAll("li").length >= Number(limits.filesMost)) return word("fileTooMany", file.name);
  if (file.size > Number(limits.filesBytes)) return word("fileTooLarge", file.name);
  if (!file.size) return word("fileEmpty", file.name);
  if (endings.some((ending) => denied.includes(ending))) return word("fileDenied", file.name);
  return "";
}

function add(pane, files) {
  if (!pane || !listOf(pane)) return;
  for (const file of files) {
    const problem = problemOf(pane, file);
    if (problem) toast(problem, "error");
    else upload(pane, file);
  }
}

function upload(pane, file) {
  const line = document.createElement("li");
  const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0 });
  bar.setAttribute("aria-label", file.name);
  line.append(bar, file.name);
  listOf(pane).append(line);
  listOf(pane).hidden = false;
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("files", file, file.name || "bild.png");
  pane.querySelectorAll('[name="kept"]:checked').forEach((kept) => body.append("kept", kept.value));
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = (event.loaded / event.total) * 100;
  });
  request.addEventListener("load", () => arrived(pane, line, file, request));
  request.addEventListener("error", () => lost(pane, line, word("fileFailed", file.name)));
  request.open("POST", composerOf().dataset.encloseUrl);
  request.setRequestHeader("X-CSRFToken", document.body.dataset.csrf);
  request.setRequestHeader("X-Requested-With", "fetch");
  request.send(body);
}

function arrived(pane, line, file, request) {
  let answer = {};
  try { answer = JSON.parse(request.responseText); } catch { /* a page, not an answer: as below */ }
  const [kept] = answer.files || [];
  if (!kept) return lost(pane, line, answer.problems?.[0] || word("fileFailed", file.name));
  const label = document.createElement("label");
  const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "kept", value: kept.note, checked: true });
  label.append(box, ` ${kept.name} (${sizeOf(kept.size)})`);
  line.replaceChildren(label);
  announce(word("fileAdded", kept.name));
  touch(pane);
}

function lost(pane, line, words) {
  line.remove();
  listOf(pane).hidden = !listOf(pane).children.length;
  toast(words, "error");
}

function sizeOf(bytes) {
  const [size, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return `${size.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} ${unit}`;
}

const hasFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");

function hover(event, step) {
  if (!hasFiles(event) || !openPane()) return;
  event.preventDefault();
  depth = Math.max(0, depth + step);
  composerOf().classList.toggle("is-dropping", depth > 0);
}

document.addEventListener("dragenter", (event) => hover(event, 1));
document.addEventListener("dragleave", (event) => hover(event, -1));
document.addEventListener("dragover", (event) => hover(event, 0));
document.addEventListener("drop", (event) => {
  if (!hasFiles(event) || !openPane()) return;
  event.preventDefault();
  depth = 0;
  composerOf().classList.remove("is-dropping");
  add(openPane(), event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  const pane = event.target.closest?.("[data-pane]");
  const files = event.clipboardData?.files;
  // A table copied from an office program comes as words and as a picture of them: words win.
  if (!pane || !files?.length || event.clipboardData.getData("text/plain")) return;
  event.preventDefault();
  add(pane, files);
});
document.addEventListener("change", (event) => {
  const pane = event.target.closest?.("[data-pane]");
  if (!pane || !event.target.matches("[data-files-input]")) return;
  add(pane, event.target.files);
  event.target.value = "";
});
// One that is unticked is no part of the text any more; it goes from the list, and from the draft.
document.addEventListener("change", (event) => {
  const pane = event.target.closest?.("[data-pane]");
  if (!pane || event.target.name !== "kept" || event.target.checked) return;
  const list = listOf(pane);
  event.target.closest("li").remove();
  list.hidden = !list.children.length;
  (list.querySelector("input") || pane.querySelector("[data-files-input]")).focus();
  touch(pane);
});
