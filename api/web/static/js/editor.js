// The lesson editor: blocks, or the Markdown with a preview beside it; either way the textarea holds the text.
import { json } from "./api.js";
import { Autosave } from "./editor/autosave.js";
import { Blocks } from "./editor/blocks.js";
import { toast } from "./toast.js";

const PREVIEW_AFTER = 350;
const form = document.querySelector("[data-editor]");
const { body } = form.elements;
const preview = form.querySelector("[data-preview]");
const bar = form.querySelector("[data-editor-bar]");
const places = { blocks: form.querySelector("[data-blocks-place]"), raw: form.querySelector("[data-raw-place]") };
const autosave = new Autosave(form);
const blocks = new Blocks(places.blocks, {
  words: form.dataset,
  course: form.dataset.course,
  changed: (text) => {
    body.value = text;
    autosave.note();
  },
});
let mode = "raw";
let aim = mode; // what was asked for last, perhaps while another mode was still opening
let timer = 0;
let asked = 0;

async function drawPreview() {
  const mine = (asked += 1);
  try {
    const { html } = await json("POST", "lessons/preview", { body: body.value, course: form.dataset.course });
    // The server made this HTML safe, as it does for the lesson's page.
    if (mine === asked) preview.innerHTML = html;
  } catch (error) {
    toast(error.message);
  }
}

async function turn(to) {
  aim = to;
  if (to === "blocks") await blocks.open(body.value);
  else {
    await blocks.run(() => blocks.finish());
    drawPreview();
  }
  if (aim !== to) return;
  mode = to;
  for (const [name, place] of Object.entries(places)) place.hidden = name !== to;
  for (const button of bar.querySelectorAll("[data-mode]")) button.ariaPressed = String(button.dataset.mode === to);
  bar.querySelector("[data-blocks-only]").hidden = to !== "blocks";
}

function go(to) {
  turn(to).catch((problem) => {
    aim = mode;
    toast(problem.message);
  });
}

// Until the server has the draft, a click on "Publish" would cross it on the way.
async function send(event) {
  if (autosave.leaving) return;
  event.preventDefault();
  const { submitter } = event;
  await blocks.run(() => blocks.finish());
  await autosave.flush();
  if (autosave.hindered) {
    form.querySelector("[data-moved]:not([hidden]) button")?.focus();
    return;
  }
  autosave.leaving = true;
  // In a task of its own: a form that is still telling of one submission takes no other.
  setTimeout(() => form.requestSubmit(submitter));
}

form.addEventListener("input", (event) => {
  autosave.note();
  if (event.target !== body) return;
  clearTimeout(timer);
  timer = setTimeout(drawPreview, PREVIEW_AFTER);
});
form.addEventListener("restored", async () => {
  autosave.note();
  await turn(mode);
});
form.addEventListener("submit", send);
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    autosave.flush();
  }
});
bar.addEventListener("click", (event) => {
  const wanted = event.target.closest("[data-mode]")?.dataset.mode;
  if (wanted && wanted !== aim) go(wanted);
  if (event.target.closest("[data-undo]")) blocks.back("undo");
  if (event.target.closest("[data-redo]")) blocks.back("redo");
});
// Last of all, when the question whether to discard the draft was answered.
addEventListener("submit", (event) => {
  if (event.target.id === "discard" && !event.defaultPrevented) autosave.leaving = true;
});
bar.hidden = false;
// Typing may have begun before this script was here, or the browser brought back what was typed.
autosave.note();
go("blocks"); // where that fails the Markdown stays, and can be edited
