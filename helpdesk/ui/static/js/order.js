// Rows that are dragged into another order; without it the arrows beside them do the same.
import { post } from "./page.js";

const list = document.querySelector("[data-order]");
let dragged = null;

function rowAt(y) {
  return [...list.children].find((row) => {
    const box = row.getBoundingClientRect();
    return row !== dragged && y < box.top + box.height / 2;
  });
}

function drop() {
  const place = [...list.children].indexOf(dragged);
  const row = dragged;
  row.classList.remove("is-dragged");
  dragged = null;
  if (place === Number(row.dataset.place)) return;
  const form = row.querySelector("form");
  post(form.action, new URLSearchParams({ to: String(place) })).finally(() => location.reload());
}

function start() {
  list.querySelectorAll("[data-grip]").forEach((grip) => {
    grip.addEventListener("pointerdown", (event) => {
      dragged = grip.closest("li");
      dragged.classList.add("is-dragged");
      grip.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    grip.addEventListener("pointermove", (event) => {
      if (dragged) list.insertBefore(dragged, rowAt(event.clientY) || null);
    });
    grip.addEventListener("pointerup", () => dragged && drop());
    grip.addEventListener("pointercancel", () => location.reload());
  });
  list.classList.add("is-draggable");
}

if (list) start();
