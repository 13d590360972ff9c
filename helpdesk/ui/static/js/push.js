// A browser that may tell what is new: asked for by a button of the profile alone, never by itself.
import { post } from "./page.js";

const button = document.querySelector("[data-push]");
const state = document.querySelector("[data-push-state]");
const isAble = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "="));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// "Firefox, Linux": enough to know one's own browsers apart.
function name() {
  const agent = navigator.userAgent;
  const maker = [["Edg/", "Edge"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]].find(([sign]) => agent.includes(sign));
  const system = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["Linux", "Linux"]].find(([sign]) => agent.includes(sign));
  return [maker?.[1], system?.[1]].filter(Boolean).join(", ");
}

async function subscribe() {
  if ((await Notification.requestPermission()) !== "granted") {
    state.textContent = state.dataset.denied;
    return;
  }
  await navigator.serviceWorker.register(document.body.dataset.worker, { scope: "/a/" });
  const registration = await navigator.serviceWorker.ready;
  const key = bytes(button.dataset.push);
  const old = await registration.pushManager.getSubscription();
  if (old && text(old.options.applicationServerKey) !== button.dataset.push) await old.unsubscribe();
  const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const body = new FormData();
  body.set("endpoint", made.endpoint);
  body.set("p256dh", text(made.getKey("p256dh")));
  body.set("auth", text(made.getKey("auth")));
  body.set("name", name());
  const response = await post(button.dataset.pushUrl, body);
  if (!response.ok || response.redirected) throw new Error();
  location.reload();
}

if (button && isAble) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    await subscribe().catch(() => { state.textContent = state.dataset.failed; });
    button.disabled = false;
  });
}
