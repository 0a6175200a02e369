// The grid of grades: arrow keys move, typing or Enter changes a grade in its place, Escape leaves it as it was.
// The server judges each change and says what the row comes to then; without scripts a learner's page has the forms.
import { json } from "./api.js";
import { toast } from "./toast.js";

const table = document.querySelector("[data-grades]");
const dialog = document.querySelector("[data-why]");
const why = document.getElementById("why");
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

const heading = (cell) => table.tHead.rows[1].cells[cell.cellIndex];
const learner = (cell) => cell.parentElement.dataset.user;
const address = (cell) => `courses/${table.dataset.grades}/gradebook/learners/${learner(cell)}`;
const numberOf = (text) => (text.trim() === "" || Number.isNaN(Number(text)) ? null : Number(text));
const isGrade = (cell) => cell?.tagName === "TD" && Boolean(heading(cell)?.dataset.item);

function focusOn(cell) {
  table.querySelector('td[tabindex="0"]')?.setAttribute("tabindex", "-1");
  cell.tabIndex = 0;
  cell.focus();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function neighbour(cell, [down, right]) {
  let row = cell.parentElement.rowIndex - table.tHead.rows.length + down;
  let place = cell.cellIndex + right;
  const rows = table.tBodies[0].rows;
  while (rows[row]?.cells[place]) {
    if (isGrade(rows[row].cells[place])) return rows[row].cells[place];
    place += right;
    row += right ? 0 : down;
  }
  return null;
}

function edit(cell, typed) {
  if (heading(cell).dataset.locked !== undefined || cell.classList.contains("l")) return;
  const before = cell.textContent;
  const input = document.createElement("input");
  input.inputMode = "decimal";
  input.maxLength = 12;
  input.value = typed ?? (numberOf(before) === null ? "" : before.trim());
  const name = cell.parentElement.querySelector(".name").textContent;
  const column = heading(cell).querySelector("a").textContent;
  input.setAttribute("aria-label", table.dataset.saidCell.replace("%c", column).replace("%n", name));
  cell.replaceChildren(input);
  input.focus();
  if (typed === undefined) input.select();
  let done = false;
  const leave = (keep) => {
    if (done) return;
    done = true;
    const value = input.value;
    cell.textContent = before;
    if (keep) save(cell, before, value);
  };
  input.addEventListener("blur", () => leave(true));
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") leave(false);
    else if (event.key !== "Enter" && event.key !== "Tab") return;
    else leave(true);
    event.preventDefault();
    const next = event.key === "Escape" ? cell : neighbour(cell, event.key === "Tab" ? [0, event.shiftKey ? -1 : 1] : [1, 0]);
    if (!dialog.open) focusOn(next ?? cell);
  });
}

function reason() {
  dialog.returnValue = "";
  dialog.showModal();
  why.select();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue ? why.value : null), { once: true }));
}

async function save(cell, before, typed) {
  const maximum = Number(heading(cell).dataset.maximum);
  const points = typed.trim() === "" ? null : Number(typed.replace(",", "."));
  const expected = numberOf(before);
  if (points === expected || (points === null && cell.classList.contains("x"))) return;
  if (points !== null && !(points >= 0 && points <= maximum)) {
    toast(table.dataset.saidNumber.replace("%s", maximum));
    focusOn(cell);
    return;
  }
  const given = { points, expected };
  if (heading(cell).dataset.kind !== "manual") {
    given.reason = await reason();
    focusOn(cell);
    if (given.reason === null) return;
  }
  try {
    await json("PATCH", `${address(cell)}/columns/${heading(cell).dataset.item}`, given);
    await refresh(cell);
    toast(table.dataset.saidSaved);
  } catch (error) {
    toast(error.message);
  }
}

async function refresh(cell) {
  const { row } = await json("GET", address(cell));
  const cells = new Map(row.cells.map((each) => [each.item_id, each]));
  const [, total, letter, ...rest] = cell.parentElement.cells;
  total.textContent = row.percent === null ? "" : row.percent.toFixed(1);
  letter.textContent = row.letter;
  for (const each of rest) {
    const item = heading(each).dataset.item;
    if (item) draw(each, cells.get(item));
    else {
      const percent = row.categories[heading(each).dataset.category];
      each.textContent = percent === null || percent === undefined ? "" : percent.toFixed(1);
    }
  }
}

function draw(place, cell) {
  const flags = { o: cell?.overridden, x: cell?.excused, l: cell?.locked, d: cell?.dropped, c: cell?.comment };
  for (const [flag, on] of Object.entries(flags)) place.classList.toggle(flag, Boolean(on));
  if (place.querySelector("input")) return;
  place.textContent = cell?.excused ? "EX" : cell?.points === null || cell?.points === undefined ? "" : String(cell.points);
}

function pressed(event) {
  const cell = event.target.closest("td");
  if (!isGrade(cell) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (STEPS[event.key]) {
    const next = neighbour(cell, STEPS[event.key]);
    if (next) focusOn(next);
  } else if (event.key === "Enter" || event.key === "F2") edit(cell);
  else if (/^[0-9.,]$/.test(event.key)) edit(cell, event.key);
  else if (event.key === "Delete" || event.key === "Backspace") edit(cell, "");
  else return;
  event.preventDefault();
}

if (table) {
  table.setAttribute("role", "grid");
  for (const cell of table.querySelectorAll("tbody td")) if (isGrade(cell)) cell.tabIndex = -1;
  const first = table.querySelector('tbody td[tabindex="-1"]');
  if (first) first.tabIndex = 0;
  table.addEventListener("keydown", pressed);
  table.addEventListener("dblclick", (event) => isGrade(event.target.closest("td")) && edit(event.target.closest("td")));
  table.addEventListener("click", (event) => isGrade(event.target) && focusOn(event.target));
}
