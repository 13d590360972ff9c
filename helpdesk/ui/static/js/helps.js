// Beside the report form's first question: answers that may help, and the way back to one's words.
const WAIT_MS = 400;
const SHORTEST = 8;
const KEPT = "report-text";
const place = document.querySelector("[data-helps-url]");
const field = place?.closest("form").querySelector("textarea");
let timer = 0;
let asked = 0;
let shown = "";

async function load() {
  const mine = ++asked;
  const body = new FormData();
  body.set("text", field.value.slice(0, 400));
  body.set("csrfmiddlewaretoken", field.form.elements.csrfmiddlewaretoken.value);
  try {
    const response = await fetch(place.dataset.helpsUrl, { method: "POST", body });
    if (mine !== asked || !response.ok) return;
    const text = await response.text();
    // What stands there already is not announced again with each pause of the writer.
    if (mine !== asked || text === shown) return;
    shown = text;
    const template = document.createElement("template");
    template.innerHTML = text;
    place.replaceChildren(template.content);
  } catch { /* An offer that can't be made is none. */ }
}

function read() {
  try { return sessionStorage.getItem(KEPT); } catch { return null; }
}

if (field) {
  const kept = read();
  if (kept && !field.value) field.value = kept;
  try { sessionStorage.removeItem(KEPT); } catch { /* Nothing was kept. */ }
  field.addEventListener("input", () => {
    clearTimeout(timer);
    asked += 1;
    if (field.value.trim().length >= SHORTEST) timer = setTimeout(load, WAIT_MS);
    else {
      shown = "";
      place.replaceChildren();
    }
  });
  // The words wait here while an answer is read in the same tab.
  place.addEventListener("click", (event) => {
    if (!event.target.closest("a")) return;
    try { sessionStorage.setItem(KEPT, field.value); } catch { /* The browser's way back keeps them. */ }
  });
}
