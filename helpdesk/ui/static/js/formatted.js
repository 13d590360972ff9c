// Opens the mail as its sender laid it out below its text, in a frame that can run nothing.

const MARGIN = 24;
const TALLEST = 4000;

function frameFor(link) {
  const frame = document.createElement("iframe");
  frame.className = "formatted";
  frame.title = link.textContent;
  // The document has no scripts to begin with; the frame would not run them either.
  frame.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox");
  frame.referrerPolicy = "no-referrer";
  frame.addEventListener("load", () => fit(frame));
  frame.src = link.href;
  return frame;
}

function fit(frame) {
  const root = frame.contentDocument?.documentElement;
  if (!root) return;
  const grow = () => {
    frame.style.height = "0";
    frame.style.height = `${Math.min(root.scrollHeight + MARGIN, TALLEST)}px`;
  };
  grow();
  frame.contentDocument.querySelectorAll("img").forEach((img) => img.addEventListener("load", grow));
}

function toggle(event) {
  const link = event.target.closest("[data-formatted]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const box = link.closest(".art-box");
  const open = box.querySelector("iframe.formatted");
  const body = box.querySelector(".art-body");
  if (open) open.remove();
  else body.after(frameFor(link));
  body.hidden = !open;
  box.querySelectorAll(":scope > .quote:not(.pictures)").forEach((quote) => {
    quote.hidden = !open;
  });
  link.setAttribute("aria-expanded", String(!open));
}

document.addEventListener("click", toggle);
