// The drop zone: files and whole folders, sent with their paths inside the folder, with a progress bar.
import { headers, json } from "./api.js";

const HIDDEN = /(^|\/)(\.|__MACOSX|node_modules\/)/;

for (const form of document.querySelectorAll("[data-upload]")) start(form);

function start(form) {
  const zone = form.querySelector("[data-drop]");
  const input = form.querySelector("input[name=files]");
  const folder = form.querySelector("[data-folder-input]");
  const button = form.querySelector("[data-folder]");
  let chosen = [];
  const choose = (files) => {
    chosen = files.filter(({ path }) => !HIDDEN.test(path));
    const size = chosen.reduce((sum, { file }) => sum + file.size, 0);
    const names = chosen.length === 1 ? chosen[0].path : `${chosen.length} × ${commonFolder(chosen)}`;
    form.querySelector("[data-chosen]").textContent = chosen.length ? `${names} · ${(size / 1e6).toFixed(1)} MB` : form.dataset.saidNothing;
    input.required = chosen.length === 0;
    askAgain(form, chosen);
  };
  form.elements.title?.addEventListener("change", () => askAgain(form, chosen));
  button.hidden = !("webkitdirectory" in folder);
  button.addEventListener("click", () => folder.click());
  folder.addEventListener("change", () => choose([...folder.files].map((file) => ({ file, path: file.webkitRelativePath }))));
  input.addEventListener("change", () => choose([...input.files].map((file) => ({ file, path: file.name }))));
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", (event) => zone.contains(event.relatedTarget) || zone.classList.remove("over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    choose(await dropped(event.dataTransfer));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (chosen.length) send(form, chosen);
  });
}

function commonFolder(files) {
  const first = files[0].path.split("/")[0];
  return files.every(({ path }) => path.startsWith(`${first}/`)) ? first : files[0].path;
}

// Files that became a course before: the person says whether they update it.
async function askAgain(form, files) {
  const box = form.querySelector("[data-earlier]");
  if (!box) return;
  box.hidden = true;
  delete box.dataset.slug;
  if (!files.length) return;
  const name = files[0].path.split("/")[0];
  const title = form.elements.title.value.trim();
  const found = await json("GET", `imports/earlier?${new URLSearchParams({ name, title })}`).catch(() => ({ slug: null }));
  if (found.slug === null) return;
  const told = box.querySelector("[data-earlier-told]");
  told.textContent = told.dataset.said.replace("%s", found.title);
  box.dataset.slug = found.slug;
  box.hidden = false;
}

// Everything that was dropped, folders walked to the end.
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, path: file.name }));
  const lists = await Promise.all(entries.map((entry) => walked(entry, "")));
  return lists.flat();
}

async function walked(entry, before) {
  const path = before + entry.name;
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, path }];
  }
  const reader = entry.createReader();
  const found = [];
  // readEntries gives at most 100 at a time, and none when it is through.
  for (let batch; (batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))).length; ) {
    for (const each of batch) found.push(...(await walked(each, `${path}/`)));
  }
  return found;
}

// XMLHttpRequest, since fetch does not tell how much was sent.
function send(form, files) {
  const body = new FormData();
  for (const { file, path } of files) {
    body.append("files", file, file.name);
    body.append("paths", path);
  }
  const title = form.elements.title?.value.trim();
  if (title) body.append("title", title);
  const earlier = form.querySelector("[data-earlier]")?.dataset.slug;
  if (earlier && form.elements.again.value === "update") body.append("slug", earlier);
  else if (earlier) body.append("new", "true");
  const bar = form.querySelector("[data-bar]");
  const problem = form.querySelector("[data-problem]");
  const submit = form.querySelector("button:not([type])");
  const told = form.querySelector("[data-chosen]");
  const upload = new XMLHttpRequest();
  const failed = (text) => {
    problem.textContent = text;
    problem.hidden = false;
    bar.hidden = true;
    submit.disabled = false;
  };
  upload.open("POST", `/api/v1/${form.dataset.upload}`);
  for (const [name, value] of Object.entries(headers({ Accept: "application/json" }))) upload.setRequestHeader(name, value);
  upload.upload.addEventListener("progress", (event) => {
    bar.value = (100 * event.loaded) / event.total;
    told.textContent = form.dataset.saidSending.replace("%s", Math.round(bar.value));
  });
  upload.addEventListener("load", () => {
    let answer = {};
    try {
      answer = JSON.parse(upload.responseText);
    } catch {
      // Not ours: the message below stands for it.
    }
    if (upload.status === 202) location.assign(`/teach/imports/${answer.id}`);
    else failed(answer.detail ?? form.dataset.saidLost);
  });
  upload.addEventListener("error", () => failed(form.dataset.saidLost));
  problem.hidden = true;
  bar.hidden = false;
  submit.disabled = true;
  upload.send(body);
}
