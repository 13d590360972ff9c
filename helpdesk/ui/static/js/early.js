// Keys pressed before the scripts of the desk have started are kept, in order; keys.js plays them.
// This one script does not wait: it is loaded in the head, before there is anything to press keys on.
// Nor does the navigation, which is drawn as narrow as its reader left it.
(() => {
  const FIELDS = "input,textarea,select,[contenteditable]";
  const kept = [];
  const keep = (event) => {
    const isOff = document.body?.dataset.keys === "off";
    if (isOff || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.target.matches?.(FIELDS)) return;
    // Enter and the like belong to the browser, unless they follow what is kept.
    if (event.key === " " && !kept.length) return;
    if (event.key.length > 1 && !(kept.length && ["Enter", "Backspace"].includes(event.key))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    kept.push(event.key);
  };
  addEventListener("keydown", keep, true);
  // Where they never start, nothing is held back for ever.
  addEventListener("load", () => removeEventListener("keydown", keep, true));
  window.earlyKeys = () => {
    removeEventListener("keydown", keep, true);
    return kept.splice(0);
  };
})();

(() => {
  const YEAR_S = 365 * 24 * 3600;
  const WHERE = `path=/a/; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  const root = document.documentElement;
  // In a cookie of the desk: signing out empties the browser's storage, and how wide this is is no secret.
  const isStored = () => /(?:^|; )nav=narrow(?:;|$)/.test(document.cookie);
  const apply = (narrow) => {
    root.toggleAttribute("data-nav-narrow", narrow);
    document.querySelector("[data-nav-fold]")?.setAttribute("aria-pressed", String(narrow));
    // Where only symbols are seen, the pointer reads the words; of the link itself they are the name, and read aloud once.
    document.querySelectorAll(".side li").forEach((line) => { line.title = narrow ? line.querySelector("a > span").textContent : ""; });
  };
  apply(isStored());
  document.addEventListener("DOMContentLoaded", () => apply(isStored()));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-nav-fold]")) return;
    const narrow = !root.hasAttribute("data-nav-narrow");
    document.cookie = `nav=narrow; ${WHERE}; max-age=${narrow ? YEAR_S : 0}`;
    apply(narrow);
  });
})();
