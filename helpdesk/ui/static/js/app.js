// The desk as an app: a way to install it, and its worker only where it is installed. A browser that several people
// share keeps nothing of it.
const installed = matchMedia("(display-mode: standalone)");
let prompt = null;

function register() {
  const { worker } = document.body.dataset;
  if (worker && "serviceWorker" in navigator) navigator.serviceWorker.register(worker, { scope: "/a/" }).catch(() => {});
}

function show(on) {
  document.querySelectorAll("[data-install]").forEach((button) => { button.hidden = !on; });
}

export function startApp() {
  if (installed.matches) register();
  addEventListener("appinstalled", () => { show(false); register(); });
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    prompt = event;
    show(true);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-install]")) prompt?.prompt();
  });
}
