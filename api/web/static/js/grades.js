// What if: marks somebody imagines are sent to the function that makes the real total; nothing is kept.
import { json } from "./api.js";

const PAUSE = 300;
const page = document.querySelector("[data-what-if]");
const start = page.querySelector("[data-try]");
const reset = page.querySelector("[data-reset]");
const fields = [...page.querySelectorAll("[data-item]")];
const wrong = page.querySelector("[data-guess-error]");
let timer = 0;
let asked = 0;

function marks() {
  const found = {};
  for (const field of fields) {
    const text = field.value.trim().replace(",", ".");
    const points = text === "" ? null : Number(text);
    const fits = points === null || (points >= 0 && points <= Number(field.dataset.maximum));
    field.setAttribute("aria-invalid", String(!fits));
    if (!fits) throw new Error(page.dataset.saidWrong.replace("%s", field.dataset.maximum));
    if (text !== field.dataset.points) found[field.dataset.item] = points;
  }
  return found;
}

async function guess() {
  const mine = ++asked;
  wrong.hidden = true;
  try {
    const row = await json("POST", `courses/${page.dataset.whatIf}/my-grades/what-if`, { marks: marks() });
    if (mine !== asked) return;
    const total = row.percent === null ? "–" : `${row.percent.toLocaleString(document.documentElement.lang)} %`;
    page.querySelector("[data-guess-total]").textContent = total;
    page.querySelector("[data-guess-letter]").textContent = row.letter;
    page.querySelector("[data-spoken]").textContent = `${total} ${row.letter}`;
  } catch (error) {
    if (mine !== asked) return;
    wrong.textContent = error.message;
    wrong.hidden = false;
  }
}

function show(on) {
  for (const each of page.querySelectorAll("[data-guess]")) each.hidden = !on;
  reset.hidden = !on;
  start.setAttribute("aria-pressed", String(on));
}

if (start) {
  start.hidden = false;
  start.addEventListener("click", () => {
    show(start.getAttribute("aria-pressed") !== "true");
    if (!reset.hidden) guess();
  });
  reset.addEventListener("click", () => {
    for (const field of fields) field.value = field.dataset.points;
    show(false);
    start.focus();
  });
  for (const field of fields) {
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(guess, PAUSE);
    });
  }
}
