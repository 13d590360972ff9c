// Pictures of a thread in a dialog: one after the other by arrow keys, without what they hide.
import { word } from "./page.js";

let dialog = null;
let shown = [];
let at = 0;

function element(name, className, text = "") {
  return Object.assign(document.createElement(name), { className, textContent: text });
}

function button(text, act) {
  const made = element("button", "btn", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function build() {
  dialog = element("dialog", "dialog dialog-picture");
  dialog.setAttribute("aria-labelledby", "picture-name");
  const head = element("div", "dialog-head");
  const name = element("h2", "");
  name.id = "picture-name";
  const count = element("span", "muted");
  count.setAttribute("role", "status");
  head.append(name, count, button(word("close"), () => dialog.close()));
  const body = element("div", "dialog-body");
  const image = element("img", "");
  const missing = element("p", "notice", word("pictureBroken"));
  image.addEventListener("error", () => { missing.hidden = false; image.hidden = true; });
  const foot = element("div", "btns");
  const download = element("a", "link", word("download"));
  foot.append(button(word("pictureBefore"), () => show(at - 1)), button(word("pictureAfter"), () => show(at + 1)), download);
  body.append(image, missing, foot);
  dialog.append(head, body);
  dialog.parts = { name, count, image, missing, download, steps: foot.querySelectorAll("button") };
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(at + step);
  });
  document.body.append(dialog);
}

function show(place) {
  at = (place + shown.length) % shown.length;
  const link = shown[at];
  const { name, count, image, missing, download, steps } = dialog.parts;
  missing.hidden = true;
  image.hidden = false;
  image.alt = link.dataset.name;
  image.src = link.dataset.picture;
  name.textContent = link.dataset.name;
  count.textContent = shown.length > 1 ? `${at + 1} / ${shown.length}` : "";
  download.href = link.href;
  steps.forEach((step) => { step.hidden = shown.length < 2; });
}

// A PDF by the browser's own viewer; a browser without one is given the file.
function showDocument(link) {
  const paper = element("dialog", "dialog dialog-picture dialog-paper");
  const head = element("div", "dialog-head");
  const name = element("h2", "", link.dataset.name);
  const frame = element("iframe", "");
  const download = element("a", "link", word("download"));
  name.id = "paper-name";
  paper.setAttribute("aria-labelledby", name.id);
  frame.title = link.dataset.name;
  frame.src = link.dataset.document;
  download.href = link.href;
  head.append(name, download, button(word("close"), () => paper.close()));
  paper.append(head, frame);
  paper.addEventListener("close", () => { paper.remove(); link.focus(); });
  document.body.append(paper);
  paper.showModal();
}

document.addEventListener("click", (event) => {
  const paper = event.target.closest("[data-document]");
  if (paper && navigator.pdfViewerEnabled && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    return showDocument(paper);
  }
  const link = event.target.closest("[data-picture]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (!dialog) build();
  // Those that are folded away are no part of the row, unless one of them was chosen.
  const folded = (one) => Boolean(one.closest("details.pictures"));
  shown = [...document.querySelectorAll("#thread [data-picture]")].filter((one) => folded(one) === folded(link));
  show(shown.indexOf(link));
  dialog.showModal();
});
