// The palette's doors: Ctrl+K anywhere, and what carries data-palette. It is fetched when it is first opened.
import { OWN_KEYS } from "./keys.js";
import { toast, word } from "./page.js";

const RECENT = 8;
const key = `recent:${document.body.dataset.user}`;

function recent() {
  return JSON.parse(localStorage.getItem(key) || "[]");
}

// Which requests were open last, by their ids alone; signing out forgets them.
function remember() {
  const ticket = document.querySelector("[data-thread]")?.dataset.ticket;
  if (!ticket) return;
  const others = recent().filter((one) => one !== ticket);
  localStorage.setItem(key, JSON.stringify([ticket, ...others].slice(0, RECENT)));
}

// What is typed while the palette is still on its way is typed into it.
function hold(text) {
  const held = { text, enter: false };
  const keep = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.length === 1) held.text += event.key;
    else if (event.key === "Backspace") held.text = held.text.slice(0, -1);
    else if (event.key === "Enter") held.enter = true;
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("keydown", keep, true);
  return () => {
    document.removeEventListener("keydown", keep, true);
    return held;
  };
}

function openPalette(typed = "") {
  const release = hold(typed);
  import("./palette.js").then((palette) => palette.open(release, recent())).catch(() => {
    release();
    toast(word("noCommands"), "error");
  });
}

function shortcut(event) {
  if (!(event.ctrlKey || event.metaKey) || event.key !== "k" || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  openPalette();
}

function clicked(event) {
  const opener = event.target.closest("[data-palette]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openPalette(opener.dataset.palette);
}

export function startSearch() {
  OWN_KEYS["."] = () => openPalette(">");
  OWN_KEYS["?"] = () => import("./commands.js").then((commands) => commands.help())
    .catch(() => toast(word("noCommands"), "error"));
  document.addEventListener("keydown", shortcut);
  document.addEventListener("click", clicked);
  remember();
  // Fetched while nobody waits, so that the first letter finds something at once.
  if (document.body.dataset.commandsUrl) {
    const idle = window.requestIdleCallback || ((work) => setTimeout(work, 800));
    idle(() => import("./commands.js").then((commands) => commands.ready()).catch(() => {}));
  }
}
