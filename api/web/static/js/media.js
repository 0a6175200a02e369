// The library of a course: files dropped or chosen are sent one after the other; what is being prepared is followed.
import { json } from "./api.js";
import { Resumable } from "./resumable.js";
import { toast } from "./toast.js";

const LOOK_SECONDS = 2;
const form = document.querySelector("[data-media]");
const list = form.querySelector("[data-sending]");
const zone = form.querySelector("[data-drop]");
const input = form.querySelector("input[type=file]");
const waiting = [];
let busy = false;

input.multiple = true;
input.addEventListener("change", () => {
  add(input.files);
  input.value = "";
});
zone.addEventListener("dragover", (event) => {
  event.preventDefault();
  zone.classList.add("over");
});
zone.addEventListener("dragleave", (event) => zone.contains(event.relatedTarget) || zone.classList.remove("over"));
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  zone.classList.remove("over");
  add(event.dataTransfer.files);
});
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast(form.dataset.copied);
  });
}
for (const item of document.querySelectorAll("[data-item]")) followItem(item);
addEventListener("beforeunload", (event) => {
  if (busy) event.preventDefault();
});

function add(files) {
  for (const file of files) waiting.push(lineOf(file));
  list.hidden = false;
  next();
}

async function next() {
  if (busy || !waiting.length) return;
  busy = true;
  const line = waiting.shift();
  await line.upload.run();
  if (!line.upload.paused) release();
}

function release() {
  busy = false;
  next();
}

function lineOf(file) {
  const row = document.createElement("li");
  const box = document.createElement("div");
  box.className = "stack tight grow";
  const name = document.createElement("strong");
  name.className = "media-name";
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.className = "bar";
  bar.max = 100;
  bar.value = 0;
  bar.ariaLabel = file.name;
  const said = document.createElement("span");
  said.className = "muted small";
  box.append(name, bar, said);
  const pause = button(form.dataset.pause, file.name);
  const cancel = button(form.dataset.cancel, file.name);
  row.append(box, pause, cancel);
  list.append(row);
  const upload = new Resumable(form.dataset.media, file, ({ state, percent, text }) => {
    bar.value = percent;
    said.textContent = text ?? wordsFor(state, percent);
    said.classList.toggle("danger", state === "failed");
    if (state === "sent" || state === "failed") {
      pause.remove();
      cancel.remove();
    }
    if (state === "sent") followUpload(upload.id, said);
  });
  pause.addEventListener("click", async () => {
    if (upload.paused) {
      pause.firstChild.textContent = form.dataset.pause;
      await upload.resume();
      if (!upload.paused) release();
    } else {
      pause.firstChild.textContent = form.dataset.resume;
      upload.pause();
    }
  });
  cancel.addEventListener("click", async () => {
    await upload.cancel();
    row.remove();
    release();
  });
  return { upload };
}

function button(text, name) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button quiet small";
  const about = document.createElement("span");
  about.className = "visually-hidden";
  about.textContent = ` ${name}`;
  made.append(text, about);
  return made;
}

function wordsFor(state, percent) {
  const said = { sending: form.dataset.saidSending, paused: form.dataset.saidPaused, waiting: form.dataset.saidWaiting, sent: form.dataset.saidChecking };
  return said[state].replace("%s", percent);
}

// Until it is in the library or refused; the page then shows which.
async function followUpload(id, said) {
  for (;;) {
    await pausing();
    const found = await json("GET", `uploads/${id}`).catch(() => null);
    if (found === null || found.state === "checking") continue;
    if (found.reason) said.textContent = found.reason;
    if (!busy && !waiting.length) location.reload();
    return;
  }
}

async function followItem(row) {
  const bar = row.querySelector("[data-bar]");
  const badge = row.querySelector("[data-percent]");
  for (;;) {
    await pausing();
    const found = await json("GET", `media-items/${row.dataset.item}`).catch(() => null);
    if (found === null) continue;
    bar.value = found.percent;
    badge.textContent = form.dataset.saidPreparing.replace("%s", found.percent);
    if (found.state === "processing") continue;
    if (!busy) location.reload();
    return;
  }
}

function pausing() {
  return new Promise((resolve) => setTimeout(resolve, LOOK_SECONDS * 1000));
}
