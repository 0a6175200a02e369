// The courses of a path put in order by dragging; the arrows are buttons of their own and need no script.
import { json } from "./api.js";
import { toast } from "./toast.js";

const list = document.querySelector("[data-path]");
let dragged = null;

const items = () => [...list.querySelectorAll("[data-course]")];

function below(y) {
  return items().find((item) => {
    const box = item.getBoundingClientRect();
    return item !== dragged && y < box.top + box.height / 2;
  });
}

function clearMarks() {
  for (const marked of list.querySelectorAll(".drop-before")) marked.classList.remove("drop-before");
}

async function save(moved, undo) {
  const courses = items().map((item) => ({ course_id: item.dataset.course, optional: "optional" in item.dataset }));
  try {
    await json("PUT", `paths/${list.dataset.path}/courses`, { courses });
    const told = document.querySelector("[data-path-status]");
    const title = moved.querySelector("[data-title]").textContent;
    told.textContent = list.dataset.said.replace("%s", title).replace("%p", items().indexOf(moved) + 1);
  } catch (error) {
    undo();
    toast(error.message);
  }
}

function start() {
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-course]");
    dragged?.classList.add("dragging");
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    clearMarks();
    below(event.clientY)?.classList.add("drop-before");
  });
  list.addEventListener("drop", (event) => {
    if (!dragged) return;
    event.preventDefault();
    const [moved, before] = [dragged, dragged.nextElementSibling];
    list.insertBefore(moved, below(event.clientY) ?? null);
    save(moved, () => list.insertBefore(moved, before));
  });
  list.addEventListener("dragend", () => {
    dragged?.classList.remove("dragging");
    dragged = null;
    clearMarks();
  });
  for (const item of items()) item.draggable = true;
  for (const grip of list.querySelectorAll("[data-grip]")) grip.hidden = false;
  document.querySelector("[data-path-help]").hidden = false;
}

if (list) start();
