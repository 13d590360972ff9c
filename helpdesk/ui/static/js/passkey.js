// Passkeys: shows the form where the browser knows them, asks the device, sends its answer.

const bytes = (text) => Uint8Array.from(
  atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const descriptors = (list) => list?.map((each) => ({ ...each, id: bytes(each.id) }));

function question(options) {
  const asked = { ...options, challenge: bytes(options.challenge) };
  if (asked.user) asked.user = { ...asked.user, id: bytes(asked.user.id) };
  if (asked.excludeCredentials) asked.excludeCredentials = descriptors(asked.excludeCredentials);
  if (asked.allowCredentials) asked.allowCredentials = descriptors(asked.allowCredentials);
  return { publicKey: asked };
}

function answer(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (credential.response[name]) response[name] = text(credential.response[name]);
  return JSON.stringify({
    id: credential.id, rawId: text(credential.rawId), type: credential.type,
    response, clientExtensionResults: {},
  });
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) break;
  form.hidden = false;
  const said = form.querySelector("[role=status]");
  form.addEventListener("submit", async (event) => {
    if (form.elements.answer.value) return;
    event.preventDefault();
    said.textContent = "";
    const options = question(JSON.parse(form.dataset.passkey));
    try {
      const made = form.dataset.adds
        ? await navigator.credentials.create(options) : await navigator.credentials.get(options);
      form.elements.answer.value = answer(made);
      form.submit();
    } catch (problem) {
      said.textContent = problem.name === "InvalidStateError"
        ? form.dataset.known : form.dataset.refused;
    }
  });
}
// Back from the browser's memory the device is asked anew.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
