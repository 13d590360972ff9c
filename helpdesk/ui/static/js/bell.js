// The bell: its panel is fetched when it opens; count, title and favicon follow the live counts.
import { announce, fragment, parse, plural } from "./page.js";

const NUMBER = /^\(\d+\) /;
const LONGEST = 99;
let known = 0;
let title = "";

const bell = () => document.querySelector("[data-bell]");

async function fill() {
  const list = bell().querySelector("[data-bell-list]");
  const { status, html } = await fragment(bell().dataset.bell);
  if (status === 200) list.replaceChildren(parse(html));
}

function show(count) {
  const place = bell().querySelector("[data-count=notices]");
  place.textContent = count > LONGEST ? `${LONGEST}+` : count;
  place.classList.toggle("is-none", !count);
  document.title = count ? `(${count}) ${title.replace(NUMBER, "")}` : title;
  const favicon = document.querySelector('link[rel="icon"]');
  if (favicon) favicon.href = count ? bell().dataset.faviconDot : favicon.dataset.plain;
  if (count > known) announce(plural("noticeOne", "noticeMany", count));
  known = count;
  if (bell().open) fill();
}

export function startBell() {
  if (!bell()) return;
  title = document.title;
  const favicon = document.querySelector('link[rel="icon"]');
  if (favicon) favicon.dataset.plain = favicon.href;
  known = Number(bell().querySelector("[data-count=notices]").textContent);
  show(known);
  bell().addEventListener("toggle", () => bell().open && fill());
  document.addEventListener("desk:counts", (event) => show(Number(event.detail.notices || 0)));
}
