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
    table().tBodies[0].append(...fresh);
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
