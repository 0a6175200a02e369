// The builder's fields for questions with a key: inputs bound to the key by the paths they name.
import { drawRegions, regionsOf, regionsText } from "./drawing.js";

const BLANK = {
  matching: () => ({ pairs: [pair(), pair(), pair()], extra: [] }),
  ordering: () => ({ items: [{ text: "" }, { text: "" }, { text: "" }], scoring: "positions" }),
  cloze: () => ({ gaps: [] }),
  drag_text: () => ({ gaps: [], extra: [], reuse: false }),
  hotspot: () => ({ picture: "", description: "", markers: [{ label: "", regions: [] }] }),
  formula: () => ({ expression: "", variables: [], tolerance: { kind: "relative", amount: 0.01 }, units: [], unit_penalty: 0.1 }),
  upload: () => ({ maximum_files: 1, maximum_megabytes: 10, kinds: [] }),
};
const GAP_BLANK = {
  text: () => ({ kind: "text", accepted: [], match_case: false }),
  number: () => ({ kind: "number", value: null, tolerance: 0 }),
  choice: () => ({ kind: "choice", options: [] }),
};
const pair = () => ({ left: { text: "" }, right: { text: "" } });
const number = (text) => (text.trim() === "" ? null : Number(text.trim().replace(/\s/g, "").replace(",", ".")));
const linesOf = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

export function blankKey(type) {
  return BLANK[type] ? { type, ...BLANK[type]() } : null;
}

export function copyOfKey(key) {
  return key && JSON.parse(JSON.stringify(key, (name, value) => (name === "id" ? undefined : value)));
}

// The ids that the server gave to what was sent; what was typed meanwhile stays.
export function takeIds(mine, kept) {
  if (typeof mine !== "object" || mine === null || !kept) return;
  if ("id" in kept && !Array.isArray(kept)) mine.id = kept.id;
  for (const name of Object.keys(mine)) takeIds(mine[name], kept[name]);
}

export function isIncomplete(item, type) {
  const part = item.querySelector(`[data-part="${type}"]`);
  if ([...part.querySelectorAll("input, select, textarea")].some((field) => !field.hidden && field.type !== "file" && !field.validity.valid)) return true;
  return part.querySelector("[data-insert-gap]") !== null && part.querySelector("[data-row-list]").children.length === 0;
}

// Fill the fields of a question's key, and write into it what is typed. `changed` is told of every change.
export function bindKey(item, question, { changed, courseFiles }) {
  const part = item.querySelector(`[data-part="${question.type}"]`);
  if (!question.key) return;
  const context = { question, changed, item, redraw: () => bindKey(item, question, { changed, courseFiles }) };
  part.removeEventListener?.("input", part.keyListener);
  for (const rows of part.querySelectorAll("[data-rows]")) drawRows(rows, context);
  fill(part, question.key, part.querySelectorAll("[data-rows] *"));
  if (question.type === "hotspot") drawRegions(part, question, { ...context, courseFiles });
  const insert = part.querySelector("[data-insert-gap]");
  if (insert) insert.onclick = () => insertGap(item, context);
  part.keyListener = (event) => {
    if (event.target.type === "file") return;
    const row = event.target.closest("[data-row]");
    take(event.target, row ? question.key[row.closest("[data-rows]").dataset.rows][Number(row.dataset.row)] : question.key, row);
    if (event.target.matches("[data-gap-kind]")) context.redraw();
    part.dispatchEvent(new Event("key:changed"));
    changed();
  };
  part.addEventListener("input", part.keyListener);
}

function drawRows(rows, context) {
  const list = rows.querySelector("[data-row-list]");
  const values = context.question.key[rows.dataset.rows];
  list.replaceChildren(...values.map((value, at) => {
    const row = rows.querySelector("template").content.firstElementChild.cloneNode(true);
    row.dataset.row = at;
    const place = row.querySelector("[data-row-number]");
    if (place) place.textContent = place.dataset.rowNumber === "[[]]" ? `[[${at + 1}]]` : `${at + 1}.`;
    fill(row, value);
    return row;
  }));
  const act = (change, focusOn) => {
    change();
    context.redraw();
    context.changed();
    list.children[Math.min(focusOn, list.children.length - 1)]?.querySelector("input, textarea, select").focus();
  };
  list.onclick = (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const at = Number(button.closest("[data-row]").dataset.row);
    if (button.matches("[data-row-remove]")) act(() => removeRow(rows, values, at, context), at);
    else if (button.matches("[data-row-move]")) {
      const to = at + Number(button.dataset.rowMove);
      if (to >= 0 && to < values.length) act(() => values.splice(to, 0, values.splice(at, 1)[0]), to);
    }
  };
  const add = rows.querySelector("[data-row-add]");
  if (add) add.onclick = () => act(() => values.push(JSON.parse(rows.dataset.blank)), values.length);
}

// A gap that goes takes its place in the text along, and those after it move up.
function removeRow(rows, values, at, { question, item }) {
  values.splice(at, 1);
  if (rows.dataset.rows !== "gaps") return;
  const text = item.querySelector('[data-field="text"]');
  text.value = text.value.replace(/\[\[(\d+)\]\]/g, (whole, digits) => (Number(digits) === at + 1 ? "" : Number(digits) > at + 1 ? `[[${digits - 1}]]` : whole));
  question.text = text.value;
}

function insertGap(item, { question, redraw, changed }) {
  const text = item.querySelector('[data-field="text"]');
  question.key.gaps.push(question.type === "cloze" ? GAP_BLANK.text() : { word: { text: "" } });
  text.setRangeText(`[[${question.key.gaps.length}]]`, text.selectionStart, text.selectionEnd, "end");
  question.text = text.value;
  redraw();
  changed();
  item.querySelector(`[data-part="${question.type}"] [data-row-list]`).lastElementChild.querySelector("input, textarea").focus();
}

function fill(root, value, except = []) {
  const skipped = new Set(except);
  for (const field of root.querySelectorAll("input, select, textarea")) {
    if (skipped.has(field)) continue;
    const { key, lines, list, member } = field.dataset;
    if (field.dataset.pictures !== undefined && key) ensureOption(field, value.picture);
    if (key && field.type === "checkbox") field.checked = Boolean(at(value, key));
    else if (key) field.value = at(value, key) ?? "";
    else if (lines) field.value = value[lines].map((side) => side.text).join("\n");
    else if (list) field.value = (value[list] ?? []).join("\n");
    else if (member) field.checked = value[member].includes(field.value);
    else if (field.matches("[data-options]")) field.value = (value.options ?? []).map((option) => (option.correct ? "*" : "") + option.text).join("\n");
    else if (field.matches("[data-units]")) field.value = value.units.map((unit) => `${unit.name} ${unit.factor}`).join("\n");
    else if (field.matches("[data-regions]")) field.value = regionsText(value.regions);
    else if (field.matches("[data-gap-kind]")) field.value = value.kind;
    name(field);
  }
  if ("kind" in value) for (const field of root.querySelectorAll("[data-gap]")) show(field, field.dataset.gap === value.kind);
}

function show(element, wanted) {
  element.hidden = !wanted;
  for (const field of [element, ...element.querySelectorAll("input")]) if ("required" in field) field.disabled = !wanted;
}

function take(field, value, row) {
  const { key, lines, list, member } = field.dataset;
  if (key) put(value, key, field.type === "checkbox" ? field.checked : "number" in field.dataset ? (number(field.value) ?? (field.required ? null : 0)) : field.value);
  else if (lines) value[lines] = linesOf(field.value).map((text) => value[lines].find((side) => side.text === text) ?? { text });
  else if (list) value[list] = linesOf(field.value);
  else if (member) value[member] = field.checked ? [...value[member], field.value] : value[member].filter((each) => each !== field.value);
  else if (field.matches("[data-options]")) value.options = linesOf(field.value).map((line) => option(line, value.options ?? []));
  else if (field.matches("[data-units]")) value.units = linesOf(field.value).map(unit);
  else if (field.matches("[data-regions]")) value.regions = regionsOf(field);
  else if (field.matches("[data-gap-kind]")) {
    const fresh = GAP_BLANK[field.value]();
    for (const old of Object.keys(value)) if (old !== "id") delete value[old];
    Object.assign(value, fresh);
  }
  if (row) name(field);
}

function option(line, known) {
  const correct = line.startsWith("*");
  const text = correct ? line.slice(1).trim() : line;
  return { ...known.find((each) => each.text === text), text, correct };
}

function unit(line) {
  const [, text, factor] = line.match(/^(.*?)(?:\s+([\d.,eE+-]+))?$/);
  return { name: text, factor: factor ? number(factor) : 1 };
}

function ensureOption(select, value) {
  if (value && ![...select.options].some((each) => each.value === value)) select.add(new Option(value.split("/").pop(), value));
}

// A label beside a field belongs to it.
function name(field) {
  const label = field.closest(".field")?.querySelector("label");
  if (!label) return;
  field.id ||= `key-${crypto.randomUUID()}`;
  label.htmlFor = field.id;
}

function at(value, path) {
  return path.split(".").reduce((inner, step) => inner?.[step], value);
}

function put(value, path, given) {
  const steps = path.split(".");
  const last = steps.pop();
  steps.reduce((inner, step) => inner[step], value)[last] = given;
}
