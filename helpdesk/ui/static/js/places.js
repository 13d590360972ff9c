// The requests of a plan in the order in which they lie from here. Where that is leaves the device to nobody.
import { announce, toast } from "./page.js";

const METRES_A_DEGREE = 111320;
const PATIENCE_MS = 15000;
const NEAR_M = 1000;
const button = document.querySelector("[data-from-here]");
const list = document.querySelector("[data-places]");

// Flat enough for a town.
function metres(line, here) {
  const wide = Math.cos((here.latitude * Math.PI) / 180) * METRES_A_DEGREE;
  return Math.hypot((line.dataset.lon - here.longitude) * wide, (line.dataset.lat - here.latitude) * METRES_A_DEGREE);
}

function written(far) {
  const [value, unit, maximumFractionDigits] = far < NEAR_M ? [Math.round(far / 10) * 10, "m", 0] : [far / 1000, "km", 1];
  return button.dataset.far.replace("%s", `${value.toLocaleString(document.documentElement.lang, { maximumFractionDigits })} ${unit}`);
}

function sort({ coords }) {
  const lines = [...list.children].map((line) => [metres(line, coords), line]);
  lines.sort(([one], [other]) => one - other);
  lines.forEach(([far, line]) => { line.querySelector("[data-away]").textContent = written(far); });
  list.append(...lines.map(([, line]) => line));
  button.removeAttribute("aria-busy");
  announce(button.dataset.done);
}

function failed() {
  button.removeAttribute("aria-busy");
  toast(button.dataset.failed, "error");
}

if (button && "geolocation" in navigator) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(sort, failed, { timeout: PATIENCE_MS, maximumAge: 60000 });
  });
}
