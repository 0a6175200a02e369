// The lesson editor: a preview that follows, and a copy on this device until the text is saved.
import { json } from "./api.js";

const PREVIEW_AFTER = 350;
const form = document.querySelector("[data-editor]");
const body = form.elements.body;
const title = form.elements.title;
const preview = form.querySelector("[data-preview]");
const state = form.querySelector("[data-state]");
const key = `draft:${form.dataset.editor}`;
const opened = body.defaultValue;
let saving = false;
let timer = 0;
let asked = 0;

function changed() {
  return body.value !== opened || title.value !== title.defaultValue;
}

async function drawPreview() {
  const mine = (asked += 1);
  try {
    const { html } = await json("POST", "lessons/preview", { body: body.value, course: form.dataset.course });
    // The server made this HTML safe, as it does for the lesson's page.
    if (mine === asked) preview.innerHTML = html;
  } catch (error) {
    state.textContent = error.message;
  }
}

function keep() {
  try {
    localStorage.setItem(key, JSON.stringify({ body: body.value, title: title.value, version: form.dataset.version }));
    state.textContent = form.dataset.saidKept;
  } catch {
    // Storage is full or switched off: the question on leaving still guards the text.
  }
}

function offerKept() {
  const kept = JSON.parse(localStorage.getItem(key) ?? "null");
  if (!kept || kept.body === body.value) return localStorage.removeItem(key);
  const offer = form.querySelector("[data-kept]");
  offer.querySelector("span").textContent = form.dataset.saidFound;
  offer.hidden = false;
  offer.querySelector("[data-restore]").addEventListener("click", () => {
    body.value = kept.body;
    title.value = kept.title;
    offer.hidden = true;
    drawPreview();
  });
  offer.querySelector("[data-forget]").addEventListener("click", () => {
    localStorage.removeItem(key);
    offer.hidden = true;
  });
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    drawPreview();
    if (changed()) keep();
  }, PREVIEW_AFTER);
});
form.addEventListener("submit", () => {
  saving = true;
  localStorage.removeItem(key);
});
body.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    form.requestSubmit();
  }
});
window.addEventListener("beforeunload", (event) => {
  if (changed() && !saving) event.preventDefault();
});
offerKept();
// Typing may have begun before this script was here, or the browser brought back what was typed.
if (changed()) form.dispatchEvent(new Event("input"));
