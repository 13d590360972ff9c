// Applies the chosen theme before the first paint. A classic script: a module would run too late.
(() => {
  const root = document.documentElement;
  root.classList.replace("no-js", "js");

  function stored() {
    try { return localStorage.getItem("theme"); } catch { return null; }
  }

  function apply(theme) {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
    document.querySelectorAll("[data-set-theme]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.setTheme === (theme || "system")));
    });
  }

  if (stored()) apply(stored());
  document.addEventListener("DOMContentLoaded", () => apply(stored() || root.dataset.theme || "system"));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-set-theme]");
    if (!button) return;
    try { localStorage.setItem("theme", button.dataset.setTheme); } catch { /* private mode: this page only */ }
    apply(button.dataset.setTheme);
  });
})();
