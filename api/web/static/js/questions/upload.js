// Files handed in with an answer: sent one after the other with progress, listed, taken back.
import { headers, json, Problem } from "../api.js";

export function enhanceUpload(box, attempt) {
  const root = box.querySelector("[data-upload-answer]");
  const said = root.dataset;
  const list = root.querySelector("[data-files]");
  const input = root.querySelector("[data-file-input]");
  const state = root.querySelector("[data-upload-state]");
  const bar = root.querySelector("[data-progress]");
  const path = `quiz-attempts/${attempt}`;

  function show(answer) {
    list.replaceChildren(...Object.entries(answer.parts).map(([id, name]) => line(id, name)));
    root.querySelector("[data-add]").hidden = list.children.length >= Number(said.maximum);
    box.dispatchEvent(new CustomEvent("answer:kept", { detail: answer, bubbles: true }));
  }

  function line(id, name) {
    const item = root.querySelector("[data-file-line]").content.firstElementChild.cloneNode(true);
    const link = item.querySelector("[data-name]");
    Object.assign(link, { href: `/api/v1/${path}/files/${id}`, textContent: name });
    const held = item.querySelector("input");
    held.dataset.answerPart = id;
    held.value = name;
    const button = item.querySelector("[data-remove]");
    button.ariaLabel = said.saidRemove.replace("%s", name);
    button.addEventListener("click", () => remove(id, name));
    return item;
  }

  async function remove(id, name) {
    try {
      show(await json("DELETE", `${path}/files/${id}`));
      state.textContent = said.saidGone.replace("%s", name);
      input.focus();
    } catch (error) {
      state.textContent = error.message;
    }
  }

  async function hand(file) {
    if (file.size > Number(said.megabytes) * 1024 * 1024) {
      state.textContent = said.saidLarge;
      return;
    }
    state.textContent = said.saidSending.replace("%s", file.name);
    bar.hidden = false;
    input.disabled = true;
    try {
      show(await sent(`/api/v1/${path}/answers/${box.dataset.question}/files`, file, (part) => (bar.value = part)));
      state.textContent = said.saidSent.replace("%s", file.name);
    } catch (error) {
      state.textContent = error instanceof Problem ? error.message : said.saidFailed;
    } finally {
      bar.hidden = true;
      bar.value = 0;
      input.disabled = false;
      input.value = "";
    }
  }

  input.addEventListener("change", () => input.files.length && hand(input.files[0]));
  box.addEventListener("answer:written", ({ detail }) => {
    if ("saved_at" in detail) show(detail); // what another window did, as the server tells it
  });
  const known = [...list.querySelectorAll("[data-answer-part]")].map((held) => [held.dataset.answerPart, held.value]);
  show({ parts: Object.fromEntries(known), sequence: Number(box.dataset.sequence) });
}

// `fetch` tells nothing of what was sent so far.
function sent(url, file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    for (const [name, value] of Object.entries(headers({ Accept: "application/json" }))) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded / event.total));
    request.addEventListener("error", () => reject(new Error("not sent")));
    request.addEventListener("load", () => (request.status < 300 ? resolve(request.response) : reject(new Problem(request.status, request.response ?? {}))));
    const body = new FormData();
    body.append("file", file);
    request.send(body);
  });
}
