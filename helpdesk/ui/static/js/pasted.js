// What was copied with a layout, as text with marks; nothing where there is no layout worth keeping.
const STRESS = { B: "**", STRONG: "**", I: "*", EM: "*" };
const PARTS = new Set(["P", "DIV", "SECTION", "ARTICLE", "BLOCKQUOTE", "UL", "OL", "TABLE", "H1", "H2", "H3", "H4", "H5", "H6"]);
const LINES = new Set(["TR", "DT", "DD"]);
const UNSAID = new Set(["STYLE", "SCRIPT", "HEAD", "TITLE", "TEMPLATE", "NOSCRIPT"]);
// As the server takes one: brackets within it are in pairs.
export const TARGET = /^(?:https?:\/\/|mailto:|tel:)(?:[^\s()<>"]|\([^\s()<>"]*\))+$/i;
const WORTH = "b,strong,i,em,li,a[href],blockquote,h1,h2,h3";

export function marksOf(html) {
  if (!html) return "";
  // A document that nobody shows: nothing in it loads or runs. Its looks are not tried on either, which the policy
  // of our pages would refuse aloud.
  const bare = html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/<[^>]*>/g, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="));
  const page = new DOMParser().parseFromString(bare, "text/html");
  if (!page.querySelector(WORTH)) return "";
  return tidy(said(page.body));
}

const tidy = (text) => text.replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
const inside = (node) => [...node.childNodes].map(said).join("");

function said(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data.replace(/[ \t\r\n]+/g, " ");
  if (node.nodeType !== Node.ELEMENT_NODE || UNSAID.has(node.tagName)) return "";
  if (node.tagName === "BR") return "\n";
  if (STRESS[node.tagName]) return stressed(node, STRESS[node.tagName]);
  if (node.tagName === "A") return linked(node);
  if (node.tagName === "LI") return item(node);
  if (node.tagName === "BLOCKQUOTE") return `\n\n${tidy(inside(node)).split("\n").map((line) => `> ${line}`).join("\n")}\n\n`;
  if (node.tagName === "TD" || node.tagName === "TH") return `${inside(node).trim()} `;
  if (/^H\d$/.test(node.tagName) && !node.closest("li,blockquote,td,th")) return headed(tidy(inside(node)).replace(/\n+/g, " "));
  if (LINES.has(node.tagName)) return `\n${inside(node).trim()}\n`;
  if (PARTS.has(node.tagName)) return `${node.closest("li") ? "\n" : "\n\n"}${inside(node)}${node.closest("li") ? "\n" : "\n\n"}`;
  return inside(node);
}

// As the server takes one: it begins with words, not with a number.
const headed = (words) => `\n\n${/^[*[]{0,3}\p{L}/u.test(words) ? "## " : ""}${words}\n\n`;

// Some editors wrap everything in a <b> that is none; a mark never reaches over a line's end.
function stressed(node, sign) {
  const text = inside(node);
  const plain = /font-weight:\s*(?:normal|400)|font-style:\s*normal/i.test(node.dataset.style || "");
  if (plain || !text.trim() || text.trim().includes("\n") || text.includes("*")) return text;
  const [, before, words, after] = /^(\s*)(.*?)(\s*)$/.exec(text);
  return `${before}${sign}${words}${sign}${after}`;
}

function linked(node) {
  const text = inside(node);
  const href = node.getAttribute("href") || "";
  const target = TARGET.test(href) ? href : href.replace(/[()]/g, (one) => (one === "(" ? "%28" : "%29"));
  const words = text.trim().replace(/[[\]\n]/g, " ");
  const names = words === href || `mailto:${words}` === href;
  return words && !names && TARGET.test(target) ? `[${words}](${target})` : text;
}

function item(node) {
  const list = node.parentElement;
  const place = [...list.children].filter((one) => one.tagName === "LI").indexOf(node);
  const sign = list.tagName === "OL" ? `${place + (list.start || 1)}. ` : "- ";
  const [first, ...others] = tidy(inside(node)).replace(/\n+/g, "\n").split("\n");
  return `\n${sign}${first}${others.map((line) => `\n  ${line}`).join("")}`;
}
