// The template's live preview: the form is drawn by the server a moment after the last change.
import { headers } from "./api.js";

const PAUSE = 400;
const form = document.querySelector("[data-design]");
const image = document.querySelector("[data-preview-image]");
const state = document.querySelector("[data-preview-state]");
let timer = 0;
let drawing = null;

async function draw() {
  drawing?.abort();
  drawing = new AbortController();
  state.textContent = state.dataset.busy;
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.dataset.preview, { method: "POST", body, headers: headers(), signal: drawing.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const drawn = URL.createObjectURL(await answer.blob());
    image.onload = () => URL.revokeObjectURL(drawn);
    image.src = drawn;
    image.hidden = false;
    state.textContent = state.dataset.done;
  } catch (error) {
    if (error.name !== "AbortError") state.textContent = state.dataset.failed;
  }
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(draw, PAUSE);
});
draw();
