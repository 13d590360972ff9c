// Presence: who else has this request before them or writes in it. Told over the socket, kept nowhere.
import { ROWS, icon, ticketOf, word } from "./page.js";

const AGAIN_MS = 20000;
const EXPIRES_MS = 45000;
const STILL_WRITING_MS = 30000;
const RANK = { answering: 3, noting: 2, viewing: 1 };
const present = new Map();
let say = () => {};
let said = "";
let typedAt = 0;
let typedIn = "";

const thread = () => document.querySelector("[data-thread][data-ticket]");

function doing() {
  if (document.visibilityState !== "visible") return "gone";
  if (!typedIn || Date.now() - typedAt > STILL_WRITING_MS) return "viewing";
  return typedIn === "note" ? "noting" : "answering";
}

function tell(force) {
  const ticket = Number(thread()?.dataset.ticket || 0);
  const now = doing();
  if (!ticket || (!force && now === said) || (now === "gone" && said === "gone")) return;
  said = now;
  say({ type: "presence", ticket, doing: now });
}

function typed(event) {
  const pane = event.target.closest?.("[data-composer] [data-pane]");
  if (!pane) return;
  typedAt = Date.now();
  typedIn = pane.dataset.pane;
  tell(false);
}

function hear(frame) {
  const key = `${frame.ticket}:${frame.user}`;
  if (frame.doing === "gone") present.delete(key);
  else present.set(key, { ...frame, until: Date.now() + EXPIRES_MS });
  draw();
}

function here(ticket) {
  const now = Date.now();
  return [...present.values()]
    .filter((one) => String(one.ticket) === String(ticket) && one.until > now)
    .sort((a, b) => RANK[b.doing] - RANK[a.doing] || a.name.localeCompare(b.name));
}

function chip(one, name) {
  const made = document.createElement("span");
  made.className = "presence";
  if (one.doing !== "viewing") made.append(icon("pencil"));
  made.append(word(`presence-${one.doing}`, name));
  return made;
}

// The place in a row, before the title, so that a long one does not push it away.
function slotOf(row) {
  const there = row.querySelector("[data-presence-slot]");
  if (there) return there;
  const made = document.createElement("span");
  made.dataset.presenceSlot = "";
  row.querySelector(".row-link")?.before(made);
  return made;
}

function drawIn(place, ones, nameOf) {
  const wanted = ones.map((one) => `${one.user}${one.doing}`).join();
  if (!place || (place.dataset.shown || "") === wanted) return;
  place.dataset.shown = wanted;
  place.replaceChildren(...ones.map((one) => chip(one, nameOf(one))));
}

function draw() {
  const open = thread();
  if (open) drawIn(document.querySelector("[data-presence]"), here(open.dataset.ticket), (one) => one.name);
  document.querySelectorAll(ROWS).forEach((row) => {
    const ones = here(ticketOf(row)).slice(0, 1);
    if (ones.length || row.querySelector("[data-presence-slot]")) drawIn(slotOf(row), ones, (one) => one.name.split(" ")[0]);
  });
}

export function startPresence(sender) {
  say = sender;
  document.addEventListener("desk:live", ({ detail: frame }) => {
    if (frame.type === "presence") hear(frame);
    else if (frame.type === "ready" || frame.type === "reload") {
      said = "";
      say({ type: "who" });
      tell(true);
    } else setTimeout(draw, 500);
  });
  document.addEventListener("input", typed);
  document.addEventListener("visibilitychange", () => tell(false));
  addEventListener("pagehide", () => thread() && say({ type: "presence", ticket: Number(thread().dataset.ticket), doing: "gone" }));
  setInterval(() => {
    tell(true);
    draw();
  }, AGAIN_MS);
}
