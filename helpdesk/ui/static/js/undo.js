// The undo toast: a countdown, one POST, the text back in the composer.
import { flushAll, unsend } from "./drafts.js";
import { announce, parse, post, toast, toastAfterReload, word } from "./page.js";

function start(box) {
  if (box.dataset.started) return;
  box.dataset.started = "1";
  const button = box.querySelector("[data-undo]");
  const until = Number(box.dataset.until ||= Date.now() + Number(box.dataset.undoSeconds || 10) * 1000);
  button.dataset.key ||= "z";
  // The ticking number is for the eyes: a screen reader would read it every second.
  button.setAttribute("aria-label", word("undo", "").replace(/\s*\(.*\)/, ""));
  const tick = setInterval(() => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left <= 0 || !box.isConnected) {
      clearInterval(tick);
      box.remove();
    } else {
      button.textContent = word("undo", left);
    }
  }, 250);
  button.addEventListener("click", (event) => {
    event.preventDefault();
    clearInterval(tick);
    undo(box);
  });
}

const isChange = (box) => "undoChange" in box.dataset;

async function undo(box) {
  box.querySelector("[data-undo]").disabled = true;
  try {
    // What was begun in the composer since is no longer to come after what comes back there.
    await flushAll();
    const response = await post(box.dataset.undoUrl);
    if (response.ok) return undone(box, await response.json().catch(() => ({})));
    toast(word(response.status !== 409 ? "undoFailed" : isChange(box) ? "changedSince" : "undoTooLate"), "error");
  } catch {
    toast(word("undoFailed"), "error");
  }
  box.remove();
}

function undone(box, answer) {
  // What knows itself how to bring its text back asks for no other page.
  if (box.dataset.undoEvent) {
    box.remove();
    document.dispatchEvent(new CustomEvent(box.dataset.undoEvent));
    return;
  }
  if (box.dataset.ticket) unsend(box.dataset.ticket);
  const said = word(isChange(box) ? "changeUndone" : "undone");
  toastAfterReload(said);
  announce(said);
  const target = new URL(answer.url || location.href, location.href);
  if (target.href === location.href) location.reload();
  else location.assign(target);
}

// A page that is only drawn anew goes on offering what it offered, for the time that is left.
export function reloadWithUndos() {
  const boxes = [...document.querySelectorAll("[data-undo-url]")];
  boxes.forEach((box) => { delete box.dataset.started; });
  sessionStorage.setItem("undos", boxes.map((box) => box.outerHTML).join(""));
  location.reload();
}

export function startUndo() {
  const region = document.getElementById("toasts");
  if (!region) return;
  region.append(parse(sessionStorage.getItem("undos") || ""));
  sessionStorage.removeItem("undos");
  const scan = () => region.querySelectorAll("[data-undo-url]").forEach(start);
  new MutationObserver(scan).observe(region, { childList: true, subtree: true });
  document.addEventListener("click", (event) => event.target.closest("[data-close]")?.closest("[data-toast]")?.remove());
  scan();
}
