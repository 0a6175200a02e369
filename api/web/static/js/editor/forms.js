// The form of one block: fields of its kind, filled with what it says, and below them how learners will see it.
import { json } from "../api.js";
import { chooseItem } from "./chooser.js";
import { grid } from "./table.js";

const LIVE_AFTER = 350; // milliseconds
const WITHOUT_LIVE = new Set(["image", "video", "file", "quiz", "assignment", "divider", "heading"]);
const HTTPS = /^https:\/\/[^/]+/;

// `changed(fields)` hears every change and answers with the block's Markdown; `slash()` asks for another kind.
export function fill(outer, block, { words, course, changed, slash }) {
  const fields = structuredClone(block.fields);
  // A box of its own: what listens in it goes with it when the form is closed.
  const place = document.createElement("div");
  place.className = "stack tight";
  outer.replaceChildren(place);
  place.append(document.querySelector(`[data-form-of="${block.kind}"]`).content.cloneNode(true));
  const show = WITHOUT_LIVE.has(block.kind) ? () => {} : live(place, course, (box) => noteEmbed(place, fields, box, words));
  const tell = () => show(changed(fields));
  if (block.kind === "table") grid(place.querySelector("[data-grid]"), fields, words, tell);
  for (const field of place.querySelectorAll("[data-field]")) bind(field, fields, tell);
  for (const button of place.querySelectorAll("[data-choose]")) choosing(button, place, fields, course, tell);
  for (const select of place.querySelectorAll("[data-options]")) options(select, place, fields, { words, course, tell });
  const text = place.querySelector("textarea");
  if (text && block.kind === "text") marking(place, text, slash);
  place.append(document.querySelector("[data-done-template]").content.cloneNode(true));
  if (block.source) show(block.source);
  (place.querySelector("textarea, input, select") ?? place.querySelector("button")).focus();
}

function bind(field, fields, tell) {
  const name = field.dataset.field;
  if (field.tagName === "SELECT" && ![...field.options].some((each) => each.value === String(fields[name]))) {
    if (field.dataset.options === undefined) field.append(new Option(fields[name], fields[name]));
  }
  field.value = fields[name];
  field.addEventListener("input", () => {
    fields[name] = field.dataset.number === undefined ? field.value : Number(field.value);
    tell();
  });
}

function choosing(button, place, fields, course, tell) {
  const shown = place.querySelector("[data-chosen]");
  shown.textContent = fields.target;
  button.addEventListener("click", async () => {
    const item = await chooseItem(document.querySelector("[data-chooser]"), course, button.dataset.choose);
    button.focus();
    if (!item) return;
    fields.target = shown.textContent = item.name;
    const label = place.querySelector('[data-field="label"]');
    if (!fields.label) fields.label = label.value = item.name.replace(/\.\w+$/, "").replaceAll("-", " ");
    tell();
    label.select();
  });
}

async function options(select, place, fields, { words, course, tell }) {
  const label = place.querySelector('[data-field="label"]');
  select.addEventListener("input", () => {
    const known = [...select.options].some((each) => each.text === fields.label);
    if (fields.label && !known) return;
    fields.label = label.value = select.value ? select.selectedOptions[0].text : "";
    tell();
  });
  const found = await json("GET", `courses/${course}/${select.dataset.options}`).catch(() => []);
  for (const each of found) select.append(new Option(each.title, each.id));
  if (fields.target && !found.some((each) => each.id === fields.target)) select.append(new Option(words.saidGone, fields.target));
  select.value = fields.target;
}

function live(place, course, drawn) {
  place.append(document.querySelector("[data-live-template]").content.cloneNode(true));
  const box = place.querySelector("[data-live]");
  let timer = 0;
  let asked = 0;
  return (source) => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = (asked += 1);
      const found = await json("POST", "lessons/preview", { body: source, course }).catch(() => null);
      if (!found || mine !== asked) return;
      show(box, found.html);
      drawn(box);
    }, LIVE_AFTER);
  };
}

// The server made this HTML safe, as it does for the lesson's page. Its ids would stand twice on this page.
export function show(box, html) {
  box.innerHTML = html;
  for (const each of box.querySelectorAll("[id]")) each.removeAttribute("id");
}

function noteEmbed(place, { target }, box, words) {
  const note = place.querySelector("[data-embed-note]");
  if (!note) return;
  const frame = box.querySelector("[data-frame]")?.dataset.frame;
  const host = frame ? new URL(frame).host : "";
  const allowed = words.embedHosts.split(" ").includes(host);
  note.hidden = !target || allowed;
  note.textContent = HTTPS.test(target) && host ? words.saidNotAllowed.replace("%s", host) : words.saidNoAddress;
}

function marking(place, text, slash) {
  text.addEventListener("keydown", (event) => {
    const mark = { b: "**", i: "*", k: "link" }[event.key];
    if (event.key === "/" && !text.value.trim()) {
      event.preventDefault();
      slash();
    } else if (mark && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      wrap(text, mark);
    }
  });
  place.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-mark]")?.dataset.mark;
    if (mark) wrap(text, mark);
  });
}

function wrap(text, mark) {
  const { selectionStart: start, selectionEnd: end } = text;
  const chosen = text.value.slice(start, end);
  const made = { link: `[${chosen}](https://)`, list: (chosen || "\u200b").split("\n").map((line) => `- ${line.replace("\u200b", "")}`).join("\n") }[mark] ?? `${mark}${chosen}${mark}`;
  text.setRangeText(made, start, end, "end");
  if (!chosen && made.endsWith(mark)) text.setSelectionRange(start + mark.length, start + mark.length);
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
}
