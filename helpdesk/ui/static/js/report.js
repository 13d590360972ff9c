// What a script adds to the report form; every page of it works without.

const form = document.querySelector("[data-once]");
form?.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
// Back from the browser's memory the button works again.
addEventListener("pageshow", () => { if (form) delete form.dataset.sent; });

const print_button = document.querySelector("[data-print]");
if (print_button) {
  print_button.hidden = false;
  print_button.addEventListener("click", () => print());
}

const copy_button = document.querySelector("[data-copy-link]");
if (copy_button && navigator.clipboard) {
  copy_button.hidden = false;
  copy_button.addEventListener("click", async () => {
    const copied = await navigator.clipboard.writeText(copy_button.dataset.copyLink).then(() => true, () => false);
    copy_button.nextElementSibling.textContent = copied ? copy_button.dataset.copied : copy_button.dataset.failed;
  });
}

const share_button = document.querySelector("[data-share]");
if (share_button && navigator.share) {
  share_button.hidden = false;
  // Whoever changes their mind shares nothing.
  share_button.addEventListener("click", () => navigator.share({ title: document.title, url: share_button.dataset.share }).catch(() => {}));
}

const WORDS = /\b(112|110|notfall|notruf|lebensgef|bewusstlos|feuer(?!werk|stell|lösch|wehr)|brennt|brand\b|gasgeruch|verletzt|blutet|überfall|einbrecher|bedroht|schlägerei|emergency|unconscious|injured|bleeding|burning|robbery)/iu;
const writing = document.querySelector("[data-emergency] textarea");
writing?.addEventListener("input", () => {
  const place = document.getElementById("emergency");
  const note = document.getElementById("emergency-note");
  const needed = WORDS.test(writing.value);
  if (needed && !place.firstElementChild) place.append(note.content.cloneNode(true));
  if (!needed) place.replaceChildren();
});

// The places that the town knows, for what has been typed so far; whoever writes another goes on all the same.
const place = document.querySelector("[data-places] input[list]");
let asking;
place?.addEventListener("input", () => {
  clearTimeout(asking);
  const words = place.value.trim();
  if (words.length < 3) return;
  asking = setTimeout(async () => {
    const query = new URLSearchParams({ q: words });
    const answer = await fetch(`${place.form.dataset.places}?${query}`).then((r) => r.json()).catch(() => null);
    if (!answer || words !== place.value.trim()) return;
    place.list.replaceChildren(...answer.results.map((text) => new Option("", text)));
  }, 150);
});

const locate = document.querySelector("[data-locate]");
if (locate && "geolocation" in navigator) {
  const [use, forget] = locate.querySelectorAll("button");
  const said = locate.querySelector("[role=status]");
  const point = ["latitude", "longitude"].map((name) => document.getElementById(`id_${name}`));
  const show = () => {
    forget.hidden = !point[0].value;
    said.textContent = point[0].value ? locate.dataset.found : "";
  };
  locate.hidden = false;
  show();
  use.addEventListener("click", () => {
    said.textContent = locate.dataset.searching;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        point[0].value = coords.latitude.toFixed(6);
        point[1].value = coords.longitude.toFixed(6);
        show();
      },
      () => { said.textContent = locate.dataset.failed; },
      { enableHighAccuracy: true, timeout: 10000 },
    );
  });
  forget.addEventListener("click", () => {
    for (const field of point) field.value = "";
    show();
    use.focus();
  });
}
