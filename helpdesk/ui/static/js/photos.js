// Large photos are made smaller before they are sent, for slow lines. What the camera noted, as time
// and place, stays with them for the staff (docs/adr/0123). Whatever fails leaves a photo as it is.
const LONGEST = 2400;
const QUALITY = 0.85;
const LARGE = 1_500_000;
const ORIENTATION = 0x0112;

const field = document.querySelector("[data-shrink]");
const said = field?.form.querySelector("[data-shrinking]");
let work = null;
let choice = 0;
let waits = false;

// The segment of a JPEG that holds what the camera noted; null where there is none.
function notes(bytes) {
  const at = new DataView(bytes.buffer);
  for (let i = 2; i + 10 < bytes.length && bytes[i] === 0xff && bytes[i + 1] !== 0xda;) {
    const size = at.getUint16(i + 2) + 2;
    if (bytes[i + 1] === 0xe1 && at.getUint32(i + 4) === 0x45786966) return bytes.slice(i, i + size);
    i += size;
  }
  return null;
}

// The pixels stand upright already; else viewers would turn them once more.
function upright(segment) {
  const at = new DataView(segment.buffer);
  const head = 10;
  const little = at.getUint16(head) === 0x4949;
  const list = head + at.getUint32(head + 4, little);
  for (let n = at.getUint16(list, little); n > 0; n -= 1) {
    const entry = list + 2 + (n - 1) * 12;
    if (at.getUint16(entry, little) === ORIENTATION) at.setUint16(entry + 8, 1, little);
  }
  return segment;
}

async function shrunk(file) {
  if (file.type !== "image/jpeg" || file.size <= LARGE) return file;
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const made = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
  if (!made || made.size >= file.size) return file;
  const kept = notes(new Uint8Array(await file.arrayBuffer()));
  const parts = kept ? [made.slice(0, 2), upright(kept), made.slice(2)] : [made];
  return new File(parts, file.name, { type: "image/jpeg", lastModified: file.lastModified });
}

async function shrinkAll() {
  const mine = ++choice;
  const chosen = new DataTransfer();
  // One after the other: a telephone has little memory.
  for (const file of [...field.files]) {
    chosen.items.add(await shrunk(file).catch(() => file));
    // Others were chosen meanwhile: they stay.
    if (mine !== choice) return;
  }
  field.files = chosen.files;
}

field?.addEventListener("change", () => {
  // What was chosen goes along: the button must not say that it does not.
  const next = field.form.querySelector("[data-with-files]");
  next.dataset.without ??= next.textContent;
  next.textContent = field.files.length ? next.dataset.withFiles : next.dataset.without;
  const mine = shrinkAll().catch(() => {}).finally(() => { if (work === mine) work = null; });
  work = mine;
});
field?.form.addEventListener("submit", async (event) => {
  if (!work) return;
  event.preventDefault();
  if (waits) return;
  waits = true;
  said.textContent = said.dataset.shrinking;
  await work;
  said.textContent = "";
  waits = false;
  field.form.requestSubmit(event.submitter);
});
