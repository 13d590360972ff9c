// Related answers are picked from suggestions and stand as a list; without it boxes are ticked.
const box = document.querySelector("[data-related]");
const field = box.querySelector("[type=search]");
const chosen = box.querySelector("[data-related-chosen]");
const said = box.querySelector("[data-related-said]");
const line = box.querySelector("[data-related-line]");

// In the list a button takes an answer out, so that its box needs no tick.
function ready(item) {
  item.querySelector("[name=related]").type = "hidden";
  item.querySelector("[data-remove]").hidden = false;
}

function add({ key, title, note }) {
  const keys = [...chosen.querySelectorAll("[name=related]")].map((input) => input.value);
  if (keys.includes(String(key))) return box.dataset.twice;
  if (keys.length >= Number(box.dataset.most)) return box.dataset.full;
  const item = line.content.firstElementChild.cloneNode(true);
  item.querySelector("[name=related]").value = key;
  item.querySelectorAll("[data-title]").forEach((place) => { place.textContent = ` ${title}`; });
  item.querySelector("[data-note]").textContent = note;
  ready(item);
  chosen.append(item);
  return "";
}

[...chosen.children].forEach(ready);
box.querySelector("[data-related-find]").hidden = true;
box.addEventListener("suggest:take", (event) => {
  event.preventDefault();
  said.textContent = add(event.detail);
  field.value = "";
});
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter") event.preventDefault();
});
chosen.addEventListener("click", (event) => {
  const item = event.target.closest("[data-remove]")?.closest("li");
  if (!item) return;
  const next = (item.nextElementSibling || item.previousElementSibling)?.querySelector("[data-remove]");
  item.remove();
  said.textContent = "";
  (next || field).focus();
});
