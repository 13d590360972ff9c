// A search field offers answers while one types; without it its form does. What is taken is told
// to the page by an event, and opened unless the page does something else with it. With
// data-suggest-at-once it offers something before a letter is typed; a suggestion with "fill"
// is put into the field, and what fits that is offered next.
const WAIT_MS = 150;
const SHORTEST = 2;

function start(form) {
  const field = form.querySelector("input[type=search]");
  const list = document.createElement("ul");
  const said = document.createElement("p");
  const shortest = "suggestAtOnce" in form.dataset ? 0 : SHORTEST;
  let timer = 0;
  let asked = 0;
  let shown = 0;
  let takesNext = false;
  list.id = `${field.id}-suggestions`;
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.found);
  list.hidden = true;
  said.className = "vh";
  said.setAttribute("role", "status");
  (field.closest("[data-suggest-place]") || form).append(list, said);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector('[aria-selected="true"]');

  function close() {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }

  function choose(option) {
    options().forEach((one) => one.setAttribute("aria-selected", String(one === option)));
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  }

  function show(results) {
    list.replaceChildren(...results.map((result, at) => {
      const line = document.createElement("li");
      line.id = `${list.id}-${at}`;
      line.className = "option";
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", "false");
      line.result = result;
      line.textContent = result.note ? `${result.title} (${result.note})` : result.title;
      return line;
    }));
    list.hidden = !results.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    choose("first" in form.dataset ? options()[0] : null);
    said.textContent = results.length ? `${form.dataset.found} ${results.length}` : form.dataset.none;
    shown = asked;
    if (takesNext && chosen()) take(chosen());
    takesNext = false;
  }

  function fill(text) {
    field.value = text;
    field.focus();
    load();
  }

  function take(option) {
    if (option.result.fill) return fill(option.result.fill);
    const event = new CustomEvent("suggest:take", { detail: option.result, bubbles: true, cancelable: true });
    if (field.dispatchEvent(event)) location.assign(option.result.url);
    else close();
  }

  async function load() {
    const mine = ++asked;
    const url = new URL(form.dataset.suggest, location.href);
    url.searchParams.set("q", field.value.trim());
    try {
      const response = await fetch(url);
      const results = response.ok ? (await response.json()).results : [];
      if (mine === asked && document.activeElement === field) show(results);
    } catch {
      if (mine === asked) close();
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    asked += 1;
    if (field.value.trim().length < shortest) close();
    else timer = setTimeout(load, WAIT_MS);
  });
  if (!shortest) field.addEventListener("focus", load);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !shortest && shown !== asked && field.value.trim()) {
      // What was typed faster than the answer came is taken when it comes.
      takesNext = true;
      event.preventDefault();
      return;
    }
    if (list.hidden) return;
    const all = options();
    const at = all.indexOf(chosen());
    if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
    else if (event.key === "ArrowUp") choose(all[(at - 1 + all.length) % all.length]);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen()) take(chosen());
    else return;
    event.preventDefault();
  });
  field.addEventListener("blur", close);
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-suggest-fill]");
    if (!opener || !form.contains(opener) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    fill(opener.dataset.suggestFill);
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
}

document.querySelectorAll("[data-suggest]").forEach(start);
