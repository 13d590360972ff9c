// The request that one rests on, and the one behind it, are fetched before they are opened (adr/0109). The browser
// fetches what carries data-ahead and keeps it in memory for this page alone; without the mark it forgets it.
import { ROWS } from "./page.js";

const REST_MS = { focusin: 80, pointerover: 150 };
const BEHIND_MS = 1000;
const KEPT_MS = 15000;
const MOST = 2;
let isLive = false;
let row = null;
let timer = 0;

const marked = () => [...document.querySelectorAll("[data-ahead]")];
const forget = (link) => link.removeAttribute("data-ahead");

// On a request's own page, what comes after it.
function wanted() {
  if (!row?.isConnected) return [document.querySelector('.tk-nav [rel="next"]')];
  const rows = [...document.querySelectorAll(`${ROWS}:not(.is-gone)`)];
  const from = Math.max(0, rows.indexOf(row));
  return rows.slice(from, from + MOST).map((one) => one.querySelector("a.row-link"));
}

function mark() {
  if (!isLive || document.visibilityState !== "visible") return;
  const links = wanted().filter(Boolean);
  marked().filter((link) => !links.includes(link)).forEach(forget);
  links.filter((link) => !link.dataset.ahead).forEach((link) => { link.dataset.ahead = Date.now(); });
}

function later(wait = BEHIND_MS) {
  clearTimeout(timer);
  timer = setTimeout(mark, wait);
}

function drop() {
  clearTimeout(timer);
  marked().forEach(forget);
}

function rest(event) {
  const under = event.target.closest?.(ROWS);
  if (!under || under === row || event.pointerType === "touch") return;
  row = under;
  later(REST_MS[event.type]);
}

// Only while the server says what changes: what has changed is fetched anew, and nothing is kept without its word.
function hear({ detail: frame }) {
  if (frame.type === "ready" && !isLive) {
    isLive = true;
    later();
  }
  if (["lost", "reload", "gone"].includes(frame.type)) drop();
  if (frame.type === "lost") isLive = false;
  if (frame.type !== "event") return;
  const same = marked().filter((link) => link.pathname.includes(`/${frame.number}/`));
  same.forEach(forget);
  if (same.length) later();
}

export function startAhead() {
  document.addEventListener("desk:live", hear);
  document.addEventListener("focusin", rest);
  document.addEventListener("pointerover", rest);
  document.addEventListener("visibilitychange", () => { drop(); later(); });
  // What one changes oneself, here or in another tab, makes what was fetched before old; saved, it is fetched again.
  addEventListener("submit", drop, true);
  addEventListener("storage", drop);
  addEventListener("change", (event) => { if (event.target.matches("form[data-autosave] select")) drop(); }, true);
  addEventListener("click", (event) => { if (event.target.closest?.("[data-undo]")) drop(); }, true);
  document.addEventListener("desk:saved", () => later());
  setInterval(() => marked().filter((link) => Date.now() - link.dataset.ahead > KEPT_MS).forEach(forget), 1000);
}
