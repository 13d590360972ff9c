// What the ticket's page alone does: lists to choose from, sheets, sections, and the menu of a
// contribution: quote it in the answer, copy the link that leads to it.
import { startAutosave } from "./autosave.js";
import { canRun, OWN_KEYS, run } from "./keys.js";
import { parse, post, toast, word } from "./page.js";
import { startPick } from "./pick.js";
import { skeleton, startSheet, whenSlow } from "./sheet.js";
import { reloadWithUndos } from "./undo.js";

startAutosave();
startPick();
startSheet();

// Blank lines are quoted as well, so that what follows is seen to be one quote.
const quoted = (text) => text.trim().split("\n").map((line) => `> ${line}`.trimEnd()).join("\n");

function quote(id) {
  const body = document.querySelector(`#a-${CSS.escape(id)} .art-body`);
  const text = quoted(body?.innerText || "");
  const taken = new CustomEvent("composer:quote", { detail: text, bubbles: true, cancelable: true });
  // A composer that has an editor of its own takes it from here.
  if (!document.dispatchEvent(taken)) return;
  document.getElementById("tab-answer")?.click();
  const field = document.querySelector('[data-pane="answer"] [data-editor]');
  if (!field) return;
  field.focus();
  const start = field.selectionStart;
  const before = start && !field.value.slice(0, start).endsWith("\n") ? "\n" : "";
  field.setRangeText(`${before}${text}\n\n`, start, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(word("copied"));
  } catch {
    // Browsers give the clipboard to pages over https alone.
    toast(word("notCopied", text), "error");
  }
}

async function copy(address) {
  const link = new URL(address, location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    toast(word("copied"));
  } catch {
    location.assign(link);
  }
}

// One press takes the number, a second at once the title with it, a third the link.
const AGAIN_MS = 1200;
let pressedAt = 0;
let presses = 0;

async function copyNumber() {
  presses = Date.now() - pressedAt < AGAIN_MS ? presses + 1 : 1;
  pressedAt = Date.now();
  const number = document.querySelector(".crumb-number");
  const name = `${number.textContent.trim()} ${document.querySelector("h1").textContent.trim()}`;
  const link = `${location.origin}${location.pathname}`;
  const text = [number.textContent.trim(), name, `${name}\n${link}`][Math.min(presses, 3) - 1];
  try {
    await navigator.clipboard.writeText(text);
    document.getElementById("number-copied")?.remove();
    toast(`${word("copied")} ${text}`).id = "number-copied";
  } catch {
    // Without the clipboard the number is selected, so that Ctrl+C copies it.
    getSelection().selectAllChildren(number);
  }
}

OWN_KEYS.y = copyNumber;

// What lies folded between the request and its last contributions comes when it is asked for.
async function unfold(link) {
  link.setAttribute("aria-busy", "true");
  try {
    const asked = fetch(link.dataset.older, { headers: { "X-Requested-With": "fetch" }, cache: "no-store" });
    whenSlow(asked, () => link.closest(".older").before(skeleton(3)));
    const response = await asked;
    if (!response.ok || response.redirected) throw new Error();
    const older = parse(await response.text());
    const first = older.querySelector(".art,.event");
    document.querySelector("#thread > .skeletons")?.remove();
    link.closest(".older").replaceWith(older);
    first?.setAttribute("tabindex", "-1");
    first?.focus();
  } catch {
    location.assign(link.href);
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-older]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  unfold(link);
});

// A link to one contribution finds it also where it lies folded.
async function findNamed() {
  const link = document.querySelector("[data-older]");
  const name = decodeURIComponent(location.hash.slice(1));
  if (!link || !name || document.getElementById(name)) return;
  await unfold(link);
  document.getElementById(name)?.scrollIntoView();
}

findNamed();

// Sections stay folded or open as the reader left them, on every ticket and every device.
document.addEventListener("click", (event) => {
  const section = event.target.closest("summary")?.parentElement;
  const place = section?.dataset.section && section.closest("[data-layout-url]");
  if (!place) return;
  const body = new FormData();
  body.set("section", section.dataset.section);
  // The click has not opened or folded it yet.
  body.set("step", section.open ? "fold" : "open");
  post(place.dataset.layoutUrl, body);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-quote],[data-copy],[data-copy-text]");
  if (!button) return;
  button.closest("details.menu")?.removeAttribute("open");
  if (button.dataset.quote) quote(button.dataset.quote);
  else if (button.dataset.copyText) copyText(button.dataset.copyText);
  else copy(button.dataset.copy);
});

// A click on the title changes it; words marked in it are there to be copied. On the phone the bar at the
// bottom does what stands in the head. All menus close first.
document.addEventListener("click", (event) => {
  const isTitle = event.target.closest(".tk-title h1") && getSelection().isCollapsed;
  const key = isTitle ? "F2" : event.target.closest("[data-runs]")?.dataset.runs;
  if (key && canRun(key)) setTimeout(run, 0, key);
});

// The list beside the request, on screens that are wide enough: as this device has it, like the width of the navigation.
const YEAR_S = 365 * 24 * 3600;
const WIDE = matchMedia("(min-width: 1680px)");
const split = document.querySelector("[data-split]");
const offerSplit = () => { if (split) split.hidden = !WIDE.matches; };
offerSplit();
WIDE.addEventListener("change", offerSplit);
split?.addEventListener("click", () => {
  const wanted = split.getAttribute("aria-pressed") !== "true";
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `split=1; path=/a/; samesite=lax; max-age=${wanted ? YEAR_S : 0}${secure}`;
  reloadWithUndos();
});
const beside = document.querySelector("[data-beside]");
const opened = beside?.querySelector(".is-open");
if (opened) beside.scrollTop = opened.offsetTop - (beside.clientHeight - opened.offsetHeight) / 2;
