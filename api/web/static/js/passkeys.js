// Passkeys: making one on the security page, logging in and confirming that it is oneself with one. Web Authentication Level 3, 5.1: options and answers
// travel as JSON, their bytes as base64url; the browser wants and gives buffers.
import { Problem, json } from "./api.js";

const supported = window.PublicKeyCredential !== undefined;

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function described(credentials = []) {
  return credentials.map((each) => ({ ...each, id: bytes(each.id) }));
}

function answer(credential) {
  const sent = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) sent[name] = text(credential.response[name]);
  }
  const extensions = credential.getClientExtensionResults();
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: sent, clientExtensionResults: extensions };
}

async function make(name) {
  const { challenge, options } = await json("POST", "auth/passkeys/options");
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: described(options.excludeCredentials),
  };
  const made = await navigator.credentials.create({ publicKey });
  await json("POST", "auth/passkeys", { challenge, name, credential: answer(made) });
}

async function prove(route) {
  const { challenge, options } = await json("POST", `${route}/options`);
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: described(options.allowCredentials) };
  const held = await navigator.credentials.get({ publicKey });
  await json("POST", route, { challenge, credential: answer(held) });
}

// Runs a ceremony; what went wrong is said where the page has room for it. A person who cancels has not gone wrong.
async function attempt(place, button, ceremony, then) {
  const said = place.querySelector('[role="alert"]');
  said.hidden = true;
  button.disabled = true;
  try {
    await ceremony();
    location.assign(then);
  } catch (error) {
    if (error.code === "confirm_first") {
      location.assign(`/confirm?next=${encodeURIComponent(location.pathname)}`);
    } else if (error.name !== "NotAllowedError") {
      said.textContent = error instanceof Problem ? error.message : place.dataset.failed;
      said.hidden = false;
    }
  } finally {
    button.disabled = false;
  }
}

const adding = document.querySelector("[data-passkey-add]");
if (adding && supported) {
  adding.hidden = false;
  document.querySelector("[data-passkey-missing]").hidden = true;
  adding.addEventListener("submit", (event) => {
    event.preventDefault();
    const name = adding.elements.namedItem("name").value;
    attempt(adding, adding.querySelector("button"), () => make(name), "/profile/security/passkeys/added");
  });
}

for (const [place, route] of [["[data-passkey-login]", "auth/login/passkey"], ["[data-passkey-confirm]", "auth/confirm/passkey"]]) {
  const entering = document.querySelector(place);
  if (entering && supported) {
    const button = entering.querySelector("button");
    entering.hidden = false;
    button.hidden = false;
    button.addEventListener("click", () => attempt(entering, button, () => prove(route), entering.dataset.next));
  }
}
