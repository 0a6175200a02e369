// The sections of a quiz: a list of plain objects, drawn, moved by buttons, keys or dragging, and saved whole.
import { json } from "./api.js";
import { openDraw, openPick } from "./questions/choosing.js";
import { draggable } from "./questions/dragging.js";
import { showPreview } from "./questions/preview.js";
import { toast } from "./toast.js";

const SAVE_PAUSE = 700;
const root = document.querySelector("[data-sections]");
const page = root.parentElement;
const said = root.dataset;
const typeNames = JSON.parse(said.types);
const list = root.querySelector("[data-list]");
const looseBox = root.querySelector("[data-loose]");
const state = root.querySelector("[data-state]");
const shape = (name) => root.querySelector(`template[data-shape="${name}"]`).content.firstElementChild.cloneNode(true);
const number = (text) => Math.round(Number(String(text).trim().replace(",", ".")) * 100) / 100;
let plan = JSON.parse(said.plan);
let timer = 0;
let saving = null;
let again = false;
let dirty = false;
let seed = 1;

// Group 0 holds what is in no section; the others are the sections.
let groups = read(plan);

function read({ sections, loose }) {
  return [{ slots: loose.map((question) => ({ kind: "own", question_id: question.id, question })) }, ...sections];
}

// ---- drawing

function draw() {
  looseBox.hidden = groups[0].slots.length === 0;
  looseBox.querySelector("[data-slots]").replaceChildren(...groups[0].slots.map((slot, at) => drawSlot(slot, 0, at)));
  list.replaceChildren(...groups.slice(1).map((section, at) => drawSection(section, at + 1)));
  drawTotals();
}

function drawTotals() {
  const totals = said.saidAll.replace("%(questions)s", plan.questions).replace("%(points)s", plan.points);
  root.querySelector("[data-totals]").textContent = totals;
}

function nameOf(at) {
  return at === 0 ? said.saidLoose : groups[at].title || said.saidSection.replace("%s", at);
}

function drawSection(section, at) {
  const box = shape("section");
  box.dataset.group = at;
  box.querySelector("[data-name]").textContent = nameOf(at);
  for (const input of box.querySelectorAll("[data-field]")) {
    if (input.type === "checkbox") input.checked = section[input.dataset.field];
    else input.value = section[input.dataset.field];
    const label = input.parentElement.querySelector("label");
    if (label) label.htmlFor = input.id = `s-${at}-${input.dataset.field}`;
  }
  box.querySelector("details").open = section.instructions !== "";
  box.querySelector("[data-up]").disabled = at === 1;
  box.querySelector("[data-down]").disabled = at === groups.length - 1;
  box.querySelector("[data-slots]").replaceChildren(...section.slots.map((slot, place) => drawSlot(slot, at, place)));
  return box;
}

function drawSlot(slot, group, place) {
  const item = shape("slot");
  Object.assign(item.dataset, { group, place });
  const { kind, question } = slot;
  item.querySelector("[data-text]").textContent = kind === "draw" ? said.saidDraw.replace("%(count)s", slot.count).replace("%(bank)s", slot.bank_name) : (question?.text ?? "");
  item.querySelector("[data-badge]").textContent = kind === "draw" ? matching(slot.matching) : typeNames[question?.type] ?? "";
  item.querySelector("[data-detail]").textContent = kind === "draw" ? [...slot.tags, ...slot.types.map((type) => typeNames[type])].join(" · ") : kind === "bank" ? slot.bank_name : said.saidOwn;
  for (const part of item.querySelectorAll("[data-when]")) part.hidden = !part.dataset.when.split(" ").includes(kind);
  item.querySelector("[data-edit]").hidden = kind !== "draw";
  item.querySelector("[data-remove]").hidden = group === 0;
  item.querySelector("[data-up]").disabled = group === 0 || (place === 0 && (group === 1 ? kind !== "own" : false));
  item.querySelector("[data-down]").disabled = group === groups.length - 1 && place === groups[group].slots.length - 1;
  if (kind === "bank") drawVersions(item, slot);
  const points = item.querySelector("[data-points]");
  points.value = slot.points ?? question?.points ?? "";
  for (const field of [points, item.querySelector("[data-version]")]) field.closest(".field").querySelector("label").htmlFor = field.id = `f-${group}-${place}-${field.localName}`;
  draggable(item.querySelector("[data-grip]"), item, { onDrop: (over) => drop(group, place, over) });
  return item;
}

function drawVersions(item, slot) {
  const select = item.querySelector("[data-version]");
  select.add(new Option(said.saidNewest, ""));
  for (let each = slot.newest; each > 0 && each > slot.newest - 30; each -= 1) select.add(new Option(said.saidPinned.replace("%s", each), each));
  if (slot.version && slot.version <= slot.newest - 30) select.add(new Option(said.saidPinned.replace("%s", slot.version), slot.version));
  select.value = slot.version ?? "";
}

function matching(count) {
  if (count === null || count === undefined) return "";
  return count === 1 ? said.saidOne : said.saidMatching.replace("%s", count);
}

// ---- saving

function sent(slot) {
  if (slot.kind === "own") return { kind: "own", question_id: slot.question_id };
  if (slot.kind === "bank") return { kind: "bank", question_id: slot.question_id, version: slot.version ?? null, points: slot.points ?? null };
  const { kind, bank_id, count, points, category_id, subcategories, types, tags } = slot;
  return { kind, bank_id, count, points: points ?? 1, category_id, subcategories, types, tags };
}

function changed({ redraw = true, soon = true } = {}) {
  dirty = true;
  if (redraw) draw();
  clearTimeout(timer);
  timer = setTimeout(save, soon ? 0 : SAVE_PAUSE);
}

async function save() {
  if (saving) {
    again = true;
    return saving;
  }
  state.textContent = said.saidSaving;
  dirty = false;
  const sections = groups.slice(1).map(({ title, instructions, shuffle, new_page, slots }) => ({ title, instructions, shuffle, new_page, slots: slots.map(sent) }));
  saving = json("PUT", `quizzes/${said.sections}/sections`, { base_revision: plan.revision, sections })
    .then((kept) => {
      plan = kept;
      if (!dirty && !isTyping()) {
        groups = read(kept);
        keepFocus(draw);
      }
      drawTotals();
      state.textContent = said.saidSaved;
      state.classList.remove("refused");
    })
    .catch((error) => {
      state.textContent = error.body?.errors?.[0]?.message ?? error.message;
      state.classList.add("refused");
    });
  await saving;
  saving = null;
  if (again) {
    again = false;
    return save();
  }
  return undefined;
}

// Drawing anew while somebody types would take the field from under them.
function isTyping() {
  return root.contains(document.activeElement) && document.activeElement.matches("input:not([type=checkbox]), textarea");
}

function keepFocus(work) {
  const held = document.activeElement?.closest("[data-place]");
  const selector = held && `[data-group="${held.dataset.group}"][data-place="${held.dataset.place}"]`;
  const part = document.activeElement && ["up", "down", "version", "text"].find((name) => name in document.activeElement.dataset);
  work();
  if (selector && part) root.querySelector(selector)?.querySelector(`[data-${part}]`)?.focus();
}

// ---- moving

function put(from, to) {
  const [slot] = groups[from.group].slots.splice(from.place, 1);
  if (to.group === 0 && slot.kind !== "own") to = { group: 1, place: 0 };
  groups[to.group].slots.splice(to.place, 0, slot);
  changed();
  root.querySelector(`[data-group="${to.group}"][data-place="${to.place}"] [data-text]`)?.focus();
  root.querySelector("[data-announce]").textContent = said.saidMoved.replace("%(place)s", to.place + 1).replace("%(section)s", nameOf(to.group));
}

function step(group, place, by) {
  const slots = groups[group].slots;
  if (place + by >= 0 && place + by < slots.length && group !== 0) return put({ group, place }, { group, place: place + by });
  const next = group + by;
  if (next < 0 || next >= groups.length || (next === 0 && slots[place].kind !== "own")) return undefined;
  return put({ group, place }, { group: next, place: by > 0 ? 0 : groups[next].slots.length });
}

function drop(group, place, over) {
  const item = over?.closest("[data-place]");
  const box = over?.closest("[data-group]");
  if (!box) return;
  const to = { group: Number(box.dataset.group), place: item ? Number(item.dataset.place) : groups[Number(box.dataset.group)].slots.length };
  if (to.group === 0 || (to.group === group && to.place === place)) return;
  if (to.group === group && !item) to.place -= 1;
  put({ group, place }, to);
}

// ---- what the author does

root.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const item = button.closest("[data-place]");
  if (item) actOnSlot(button, Number(item.dataset.group), Number(item.dataset.place));
  else if (button.closest("[data-group]")) actOnSection(button, Number(button.closest("[data-group]").dataset.group));
});

function actOnSlot(button, group, place) {
  if (button.matches("[data-up]")) step(group, place, -1);
  else if (button.matches("[data-down]")) step(group, place, 1);
  else if (button.matches("[data-remove]")) {
    const [slot] = groups[group].slots.splice(place, 1);
    if (slot.kind === "own") groups[0].slots.push(slot);
    changed();
    root.querySelector(`.section-box[data-group="${group}"] [data-name]`).focus();
  } else if (button.matches("[data-edit]")) {
    openDraw(page, said, groups[group].slots[place], (slot) => {
      groups[group].slots[place] = slot;
      changed();
    });
  }
}

function actOnSection(button, at) {
  const move = (to) => {
    groups.splice(to, 0, groups.splice(at, 1)[0]);
    changed();
    root.querySelector(`.section-box[data-group="${to}"] [data-name]`).focus();
  };
  if (button.matches("[data-up]")) move(at - 1);
  else if (button.matches("[data-down]")) move(at + 1);
  else if (button.matches("[data-remove]")) {
    const [gone] = groups.splice(at, 1);
    groups[0].slots.push(...gone.slots.filter((slot) => slot.kind === "own"));
    changed();
    root.querySelector("[data-add-section]").focus();
  } else if (button.matches("[data-draw]")) {
    openDraw(page, said, null, (slot) => {
      groups[at].slots.push(slot);
      changed();
    });
  } else if (button.matches("[data-pick]")) {
    const placed = new Set(groups.flatMap(({ slots }) => slots.map((slot) => slot.question_id)));
    openPick(page, said, placed, (slot) => {
      groups[at].slots.push(slot);
      changed();
    });
  }
}

root.addEventListener("input", (event) => {
  const item = event.target.closest("[data-place]");
  const group = Number(event.target.closest("[data-group]")?.dataset.group);
  if (item) {
    const slot = groups[group].slots[Number(item.dataset.place)];
    if (event.target.matches("[data-version]")) slot.version = event.target.value ? Number(event.target.value) : null;
    else if (number(event.target.value) > 0) slot.points = number(event.target.value);
    else return;
  } else {
    const { field } = event.target.dataset;
    groups[group][field] = event.target.type === "checkbox" ? event.target.checked : event.target.value;
  }
  changed({ redraw: false, soon: event.target.matches("select, [type=checkbox]") });
});
// Alt with an arrow moves what is in hand.
root.addEventListener("keydown", (event) => {
  const item = event.target.closest("[data-place]");
  if (!item || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  step(Number(item.dataset.group), Number(item.dataset.place), event.key === "ArrowUp" ? -1 : 1);
});
const add = root.querySelector("[data-add-section]");
add.addEventListener("click", () => {
  groups.push({ title: "", instructions: "", shuffle: false, new_page: false, slots: [] });
  changed();
  list.lastElementChild.querySelector('[data-field="title"]').focus();
});

async function preview() {
  await save();
  try {
    showPreview(page.querySelector("[data-preview-dialog]"), await json("GET", `quizzes/${said.sections}/preview?seed=${seed}`));
  } catch (error) {
    toast(error.message);
  }
}

const eye = root.querySelector("[data-show-preview]");
eye.addEventListener("click", preview);
page.querySelector("[data-again]").addEventListener("click", () => {
  seed += 1;
  preview();
});
add.hidden = eye.hidden = false;
draw();
