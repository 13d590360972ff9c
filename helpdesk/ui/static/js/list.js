// Rows: real focus on the row's link, selection by checkbox, a click anywhere opens.
import { announce, plural } from "./page.js";

const rows = () => [...document.querySelectorAll("[data-list] [data-row]")];
const boxOf = (row) => row?.querySelector("[data-select]");
const linkOf = (row) => row?.querySelector(".row-link");

export function currentRow() {
  return document.activeElement?.closest?.("[data-row]") || document.querySelector("[data-row].is-current");
}

function makeCurrent(row) {
  document.querySelectorAll("[data-row].is-current").forEach((other) => other.classList.remove("is-current"));
  row.classList.add("is-current");
}

export function moveRow(step, { extend = false } = {}) {
  const all = rows();
  const from = all.indexOf(currentRow());
  const row = all[from < 0 ? 0 : Math.min(all.length - 1, Math.max(0, from + step))];
  if (!row) return;
  if (extend) [all[from], row].forEach((one) => select(one, true));
  makeCurrent(row);
  linkOf(row)?.focus();
}

export function openRow() {
  linkOf(currentRow())?.click();
}

// Whoever stands on no row yet begins with the first.
export function toggleRow() {
  if (!currentRow()) moveRow(1);
  const row = currentRow();
  if (row) select(row, !boxOf(row)?.checked);
}

export function toggleAll() {
  const all = rows();
  const every = all.every((row) => boxOf(row)?.checked);
  all.forEach((row) => select(row, !every));
}

function select(row, checked) {
  const box = boxOf(row);
  if (!box || box.checked === checked) return;
  box.checked = checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function showSelection() {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const count = document.querySelectorAll("[data-list] [data-select]:checked").length;
  const text = plural("selectedOne", "selectedMany", count);
  bar.hidden = count === 0;
  bar.querySelector("[data-bulk-count]").textContent = text;
  if (count) announce(text);
}

// With Shift a click takes every row from the one that was clicked before.
let clickedBefore = null;

function selectUpTo(box, isExtended) {
  const all = rows();
  const [from, to] = [all.indexOf(clickedBefore), all.indexOf(box.closest("[data-row]"))].sort((one, other) => one - other);
  if (isExtended && from >= 0) all.slice(from, to + 1).forEach((row) => select(row, box.checked));
  clickedBefore = box.closest("[data-row]");
}

export function startList() {
  // Without scripts the bar is there from the start; with them it comes with the first choice.
  showSelection();
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) makeCurrent(row);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) rows().forEach((row) => select(row, event.target.checked));
    if (event.target.matches("[data-select]")) showSelection();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-bulk-clear]")) rows().forEach((row) => select(row, false));
    if (event.target.matches("[data-list] [data-select]")) selectUpTo(event.target, event.shiftKey);
    const row = event.target.closest("[data-row]");
    if (!row || event.target.closest("a,button,input,label,select,summary") || String(getSelection())) return;
    linkOf(row)?.click();
  });
}
