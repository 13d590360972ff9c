// Whom a sheet may mean is found anew while somebody types, in its dialog and on its page; the arrow leads to those found.
import { announce, parse, post } from "./page.js";

let asked = 0;
let timer = 0;

async function find(form) {
  const mine = ++asked;
  const body = new FormData(form);
  body.set("find", "1");
  const response = await post(form.getAttribute("action"), body).catch(() => null);
  if (mine !== asked || !response?.ok || response.redirected) return;
  const place = document.querySelector("[data-found]");
  const fresh = parse(await response.text()).querySelector("[data-found]");
  if (mine !== asked || !place || !fresh) return;
  fresh.querySelector("[autofocus]")?.removeAttribute("autofocus");
  exchange(place, fresh);
  announce(fresh.dataset.found);
}

// What was typed into the part meanwhile stays, and so does the focus; whoever chooses already goes on.
function exchange(place, fresh) {
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  if (focused?.type === "radio") return;
  place.querySelectorAll("input.input").forEach((old) => {
    const now = fresh.querySelector(`#${CSS.escape(old.id)}`);
    if (now && old.value !== old.defaultValue) now.value = old.value;
  });
  place.replaceWith(fresh);
  if (focused?.id) fresh.querySelector(`#${CSS.escape(focused.id)}`)?.focus();
}

function typing(event) {
  const form = event.target.closest("[data-find]");
  if (!form || event.isComposing) return;
  asked += 1;
  clearTimeout(timer);
  timer = setTimeout(() => find(form), 200);
}

function toFound(event) {
  if (event.key !== "ArrowDown" || !event.target.closest("[data-find]")) return;
  const first = document.querySelector("[data-found] :is(:checked,[type=radio])");
  if (!first) return;
  event.preventDefault();
  first.focus();
}

document.addEventListener("input", typing);
document.addEventListener("keydown", toFound);
