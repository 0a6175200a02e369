// A draft that saves itself a moment after the last key, and says so.
import { json, Problem } from "./api.js";

const QUIET_MS = 1500;
const AGAIN_MS = 8000;

const form = document.querySelector("[data-draft]");
const field = form?.querySelector("textarea");
const state = document.querySelector("[data-state]");

function say(text) {
  if (state) state.textContent = text;
}

function watch() {
  const revision = form.elements.base_revision;
  let timer = 0;
  let kept = field.defaultValue;
  let stopped = false;
  let sending = null;

  async function save() {
    const text = field.value;
    if (stopped || text === kept) return;
    say(form.dataset.saidSaving);
    try {
      const body = { text, base_revision: Number(revision.value) };
      const seen = await json("PUT", `assignments/${form.dataset.draft}/submission`, body);
      revision.value = seen.draft.revision;
      form.elements.number.value = seen.draft.number;
      kept = text;
      say(form.dataset.saidSaved);
    } catch (error) {
      stopped = error instanceof Problem && error.status < 500;
      say(stopped ? error.message : form.dataset.saidFailed);
      if (!stopped) plan(AGAIN_MS);
    }
  }

  function plan(wait) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      sending = (sending ?? Promise.resolve()).then(save);
    }, wait);
  }

  field.addEventListener("input", () => plan(QUIET_MS));
  if (field.value !== kept) plan(QUIET_MS); // typed before this script was there, or brought back by the browser
  // Another form of the page loads it anew: what is written goes first, and the form after it.
  document.querySelectorAll("form").forEach((other) => {
    other.addEventListener("submit", async (event) => {
      clearTimeout(timer);
      if (event.defaultPrevented || other === form || field.value === kept || stopped) return;
      event.preventDefault();
      await sending;
      await save();
      other.submit();
    });
  });
  form.addEventListener("submit", () => {
    stopped = true;
  });
}

if (field) watch();
