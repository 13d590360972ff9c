// The table of commands as a part of the page, fetched when it is first needed, and the help on "?".
import { canRun, elementFor, nameOf } from "./keys.js";
import { parse } from "./page.js";

let fetched = null;

async function load() {
  const response = await fetch(document.body.dataset.commandsUrl, { headers: { "HX-Request": "true" } });
  if (!response.ok || response.redirected) throw new Error("no commands");
  document.body.append(parse(await response.text()));
}

// Once a page; what failed is asked for again the next time.
export function ready() {
  fetched ||= load().catch((error) => { fetched = null; throw error; });
  return fetched;
}

const shownWith = { writing: "[data-composer]", list: "[data-row]" };

function isHere(line) {
  if (!("fixed" in line.dataset)) return canRun(line.dataset.help);
  const demanded = shownWith[line.closest("[data-keys-group]").dataset.keysGroup];
  return !demanded || Boolean(document.querySelector(demanded));
}

// What a command does on this page says its element: "Resolve" here, "Edit" there.
export function wordsOf(key, usual) {
  const element = elementFor(key);
  return (element && nameOf(element)) || usual;
}

export async function help() {
  await ready();
  const dialog = document.getElementById("keys-dialog");
  dialog.querySelectorAll("[data-help]").forEach((line) => {
    line.hidden = !isHere(line);
    const meaning = line.querySelector("dd");
    meaning.dataset.usual ??= meaning.textContent;
    if (!line.hidden && !("fixed" in line.dataset)) meaning.textContent = wordsOf(line.dataset.help, meaning.dataset.usual);
  });
  dialog.querySelectorAll("[data-keys-group]").forEach((group) => {
    group.hidden = !group.querySelector("[data-help]:not([hidden])");
  });
  if (!dialog.open) dialog.showModal();
}
