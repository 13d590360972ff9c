// The desk's entry: starts the modules, and the small behaviours that need no module of their own.
import { startAhead } from "./ahead.js";
import { startApp } from "./app.js";
import { startBell } from "./bell.js";
import { startCall } from "./call.js";
import { tidy } from "./drafts.js";
import { startGuardian } from "./guardian.js";
import { startKeys } from "./keys.js";
import { startList } from "./list.js";
import { startLive } from "./live.js";
import { showKeptToast } from "./page.js";
import { startSearch } from "./search.js";
import { startUndo } from "./undo.js";

function closeMenus(event) {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}

function dialogs(event) {
  const opener = event.target.closest("[data-open-dialog]");
  if (opener) document.getElementById(opener.dataset.openDialog)?.showModal();
  const dialog = event.target.closest("dialog");
  if (event.target.closest("[data-close-dialog]") || event.target === dialog) dialog?.close();
}

document.addEventListener("click", closeMenus);
// A menu covers what lies behind it, so it goes when the focus goes there.
document.addEventListener("focusin", closeMenus);
document.addEventListener("click", dialogs);
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.body.dataset.csrf;
});
// First: what it holds back must not reach the others.
startGuardian();
startKeys();
startList();
tidy();
startUndo();
startCall();
startAhead();
startLive();
startBell();
startSearch();
startApp();
showKeptToast();
// Whoever comes from another page of the desk goes on at what this one is called, or where it says itself; the
// first begins at its start.
const [way] = performance.getEntriesByType("navigation");
const heading = !document.querySelector("main [autofocus]") && document.querySelector("main h1");
const isFurther = way?.type === "navigate" && document.referrer.startsWith(`${location.origin}/a/`);
if (heading && isFurther && !location.hash && document.activeElement === document.body) {
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}
const thread = document.querySelector("[data-thread]");
const conflict = document.querySelector(".conflict");
if (conflict) conflict.scrollIntoView({ block: "start" });
else if (thread && !location.hash) {
  const unread = thread.querySelector(".is-first-unread");
  if (unread) unread.scrollIntoView({ block: "start" });
  else thread.scrollTop = thread.scrollHeight;
}
