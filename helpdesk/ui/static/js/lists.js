// Lists: fifty rows more without leaving the page, what failed said above the rows, chips by keys.
import { announce, parse, plural, word } from "./page.js";

const table = () => document.querySelector("[data-list]");

async function more(link) {
  const end = link.closest("[data-list-end]");
  table().setAttribute("aria-busy", "true");
  try {
    const response = await fetch(link.href, { cache: "no-store" });
    if (!response.ok || response.redirected) throw new Error(response.status);
    const page = parse(await response.text());
    const fresh = [...page.querySelectorAll("[data-row]")].filter((row) => !document.getElementById(row.id));
    (table().tBodies?.[0] ?? table()).append(...fresh);
    table().dataset.pages = Number(table().dataset.pages || 1) + 1;
    end.replaceWith(page.querySelector("[data-list-end]"));
    document.querySelector("[data-list-end] [rel=prev]")?.remove();
    fresh[0]?.querySelector(".row-link")?.focus();
    announce(plural("moreOne", "moreMany", fresh.length));
    succeeded();
  } catch {
    failed(() => more(link));
  }
  table()?.removeAttribute("aria-busy");
}

function failed(again = () => location.reload()) {
  succeeded();
  const banner = document.createElement("p");
  const button = document.createElement("button");
  banner.id = "list-failed";
  banner.className = "notice notice-error list-failed";
  banner.setAttribute("role", "alert");
  button.type = "button";
  button.className = "btn";
  button.textContent = word("tryAgain");
  button.addEventListener("click", () => { succeeded(); again(); });
  banner.append(word("listFailed"), button);
  table()?.before(banner);
}

function succeeded() {
  document.getElementById("list-failed")?.remove();
}

// What is to be done with the chosen rows is asked in a dialog; without it on a page of its own.
// It opens at once, so that what is typed before its buttons are there narrows them when they come.
async function choose(form, button) {
  const data = new FormData(form, button);
  const dialog = document.createElement("dialog");
  const early = document.createElement("input");
  dialog.className = "dialog";
  dialog.setAttribute("aria-label", button.textContent.trim());
  early.className = "input choose-early";
  early.setAttribute("aria-label", button.textContent.trim());
  dialog.append(early);
  document.body.append(dialog);
  dialog.addEventListener("close", () => { dialog.remove(); button.focus(); });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  let takesFirst = false;
  early.addEventListener("keydown", (event) => { if (event.key === "Enter") takesFirst = true; });
  dialog.showModal();
  try {
    const response = await fetch(button.formAction, { method: "POST", body: data, headers: { "X-Requested-With": "fetch" } });
    const part = response.ok && !response.redirected && parse(await response.text()).getElementById("choose");
    if (!part) throw new Error();
    if (dialog.open) fill(dialog, part, early.value, takesFirst);
  } catch {
    form.requestSubmit(button);
  }
}

function fill(dialog, part, typed, takesFirst) {
  const field = part.querySelector("[data-choose-q]");
  dialog.removeAttribute("aria-label");
  dialog.setAttribute("aria-labelledby", "choose-title");
  dialog.replaceChildren(part);
  field.value = typed;
  startChoice(part);
  field.focus();
  if (takesFirst) part.querySelector(".is-first")?.click();
}

// Typing narrows the buttons, Enter takes the first that is left, arrows walk.
function startChoice(part) {
  const field = part.querySelector("[data-choose-q]");
  const all = [...part.querySelectorAll("[data-choose-option]")];
  const left = () => all.filter((option) => !option.hidden);
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const narrow = () => {
    const wanted = fold(field.value.trim());
    all.forEach((option) => { option.hidden = !` ${fold(option.textContent)}`.includes(` ${wanted}`); });
    part.querySelectorAll("[data-choose-group]").forEach((group) => {
      group.hidden = !group.querySelector("[data-choose-option]:not([hidden])");
    });
    all.forEach((option) => option.classList.toggle("is-first", option === left()[0]));
  };
  part.querySelector("[data-choose-filter]").hidden = false;
  field.addEventListener("input", narrow);
  part.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.target === field && event.key === "Enter") left()[0]?.click();
    else if (step && (event.target === field || all.includes(event.target))) {
      const at = left().indexOf(event.target) + step;
      (at < 0 ? field : left()[Math.min(at, left().length - 1)])?.focus();
    } else return;
    event.preventDefault();
  });
  narrow();
}

// A key of the bar with nothing chosen is meant for the row one stands on.
document.addEventListener("keydown", (event) => {
  const bar = document.querySelector("[data-bulk][hidden]");
  const box = document.querySelector("[data-row].is-current [data-select]");
  const inText = event.target.closest?.('input:not([type="checkbox"]),textarea,select,dialog,details[open]');
  if (!bar || !box || inText || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.body.dataset.keys === "off" || document.querySelector("dialog[open]")) return;
  if (!bar.querySelector(`[data-key="${CSS.escape(event.key)}"]`)) return;
  box.checked = true;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}, true);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-choose]");
  if (!button) return;
  event.preventDefault();
  choose(button.form, button);
});
document.querySelectorAll(".page #choose").forEach((part) => {
  startChoice(part);
  part.querySelector("[data-choose-q]").focus();
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-more]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  more(link);
});
document.addEventListener("keydown", (event) => {
  const chip = event.target.closest?.("[data-chip]");
  if (!chip || !["Delete", "Backspace"].includes(event.key)) return;
  event.preventDefault();
  chip.click();
});
document.addEventListener("list:failed", (event) => failed(event.detail?.again));
document.addEventListener("list:fresh", succeeded);
