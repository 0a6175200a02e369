// The outline put in order, by dragging or by buttons; each move is saved at once, and undone when it cannot be.
import { json } from "./api.js";
import { toast } from "./toast.js";

const outline = document.querySelector("[data-outline]");
const status = document.querySelector("[data-outline-status]");
let dragged = null;

function order() {
  return {
    modules: [...outline.querySelectorAll("[data-module]")].map((module) => ({
      module_id: module.dataset.module,
      lessons: [...module.querySelectorAll("[data-lesson]")].map((lesson) => lesson.dataset.lesson),
    })),
  };
}

async function save(lesson, undo) {
  try {
    await json("PUT", `courses/${outline.dataset.outline}/outline`, order());
    const place = [...lesson.parentElement.children].indexOf(lesson) + 1;
    status.textContent = outline.dataset.saidMoved.replace("%s", lesson.querySelector("a").textContent).replace("%p", place);
  } catch (error) {
    undo();
    toast(error.message);
  }
}

// Puts `lesson` into `list` before `next` (null: at its end) and saves.
function put(lesson, list, next) {
  const [oldList, oldNext] = [lesson.parentElement, lesson.nextElementSibling];
  if (list === oldList && (next === oldNext || next === lesson)) return;
  list.insertBefore(lesson, next);
  save(lesson, () => oldList.insertBefore(lesson, oldNext));
}

// A step up or down; past the end of a module, into the neighbouring one.
function step(lesson, by) {
  const lists = [...outline.querySelectorAll("[data-lessons]")];
  const here = lists.indexOf(lesson.parentElement);
  if (by < 0 && lesson.previousElementSibling) put(lesson, lesson.parentElement, lesson.previousElementSibling);
  else if (by < 0 && here > 0) put(lesson, lists[here - 1], null);
  else if (by > 0 && lesson.nextElementSibling) put(lesson, lesson.parentElement, lesson.nextElementSibling.nextElementSibling);
  else if (by > 0 && here < lists.length - 1) put(lesson, lists[here + 1], lists[here + 1].firstElementChild);
}

function below(list, y) {
  return [...list.querySelectorAll("[data-lesson]")].find((lesson) => {
    const box = lesson.getBoundingClientRect();
    return lesson !== dragged && y < box.top + box.height / 2;
  }) ?? null;
}

function clearMarks() {
  for (const marked of outline.querySelectorAll(".drop-before")) marked.classList.remove("drop-before");
}

outline.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  step(button.closest("[data-lesson]"), Number(button.dataset.move));
  button.focus();
});
outline.addEventListener("dragstart", (event) => {
  dragged = event.target.closest("[data-lesson]");
  dragged?.classList.add("dragging");
  event.dataTransfer.effectAllowed = "move";
});
outline.addEventListener("dragover", (event) => {
  const list = event.target.closest("[data-module]")?.querySelector("[data-lessons]");
  if (!dragged || !list) return;
  event.preventDefault();
  clearMarks();
  below(list, event.clientY)?.classList.add("drop-before");
});
outline.addEventListener("drop", (event) => {
  const list = event.target.closest("[data-module]")?.querySelector("[data-lessons]");
  if (!dragged || !list) return;
  event.preventDefault();
  put(dragged, list, below(list, event.clientY));
});
outline.addEventListener("dragend", () => {
  dragged?.classList.remove("dragging");
  dragged = null;
  clearMarks();
});
for (const part of outline.querySelectorAll("[data-grip], [data-move]")) part.hidden = false;
for (const lesson of outline.querySelectorAll("[data-lesson]")) lesson.draggable = true;
document.querySelector("[data-outline-help]").hidden = false;

// How many lessons are chosen; a range with the shift key, as in every list.
const many = document.querySelector("[data-many]");
const picks = [...outline.querySelectorAll("[data-lesson] .pick")];
let last = null;
for (const pick of picks) {
  pick.addEventListener("click", (event) => {
    if (event.shiftKey && last) {
      const [from, to] = [picks.indexOf(last), picks.indexOf(pick)].sort((one, other) => one - other);
      for (const each of picks.slice(from, to + 1)) each.checked = pick.checked;
    }
    last = pick;
    const chosen = picks.filter((each) => each.checked).length;
    const told = many.querySelector("[data-many-count]");
    told.dataset.first ??= told.textContent;
    told.textContent = chosen ? many.dataset.said.replace("%s", chosen) : told.dataset.first;
    many.classList.toggle("chosen", chosen > 0);
  });
}
