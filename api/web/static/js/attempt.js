// An attempt: each answer saved as it is given, kept on this device while there is no connection, and the clock.
import { json, Problem } from "./api.js";
import { enhance } from "./questions/all.js";
import { bindChecks } from "./questions/checking.js";

const TEXT_PAUSE = 700;
const LONGEST_WAIT = 30_000;
const WARN_SECONDS = [300, 60];
const root = document.querySelector("[data-attempt]");
const form = root.querySelector("[data-form]");
const said = root.dataset;
const path = `quiz-attempts/${said.attempt}`;
const storeKey = `attempt:${said.attempt}`;
const boxes = new Map([...form.querySelectorAll("[data-question]")].map((box) => [box.dataset.question, box]));
const pending = new Map();
const timers = new Map();
const loaded = { page: performance.now(), wall: Date.now(), server: Date.parse(said.serverNow) };
let deadline = said.deadline ? Date.parse(said.deadline) : null;
let sending = null;
let failures = 0;
let leaving = false;

// The server's time, counted by whichever of the machine's two clocks went further: one stops in sleep, one can be set.
function serverTime() {
  return loaded.server + Math.max(performance.now() - loaded.page, Date.now() - loaded.wall);
}

// ---- answers

function read(box) {
  const checked = [...box.querySelectorAll("input:checked:not([data-certainty])")];
  const certainty = Number(box.querySelector("[data-certainty]:checked")?.value) || null;
  const written = box.querySelector("[data-written]");
  const flagged = box.querySelector("[data-flag]").ariaPressed === "true";
  const parts = {};
  for (const control of box.querySelectorAll("[data-answer-part]")) {
    if (control.value.trim() && control.validity.valid) parts[control.dataset.answerPart] = control.value;
  }
  return { choices: checked.map((input) => input.value), text: written ? written.value : "", parts, flagged, certainty };
}

function write(box, answer) {
  for (const input of box.querySelectorAll("[type=radio]:not([data-certainty]), [type=checkbox]")) input.checked = answer.choices.includes(input.value);
  for (const input of box.querySelectorAll("[data-certainty]")) input.checked = Number(input.value) === answer.certainty;
  const written = box.querySelector("[data-written]");
  if (written) written.value = answer.text;
  for (const control of box.querySelectorAll("[data-answer-part]:not([type=hidden])")) control.value = answer.parts?.[control.dataset.answerPart] ?? "";
  box.querySelector("[data-flag]").ariaPressed = String(answer.flagged);
  box.dispatchEvent(new CustomEvent("answer:written", { detail: answer }));
}

function isChanged(control) {
  if (control.matches("select")) return [...control.options].some((option) => option.selected !== option.defaultSelected) && control.value !== "";
  return control.checked !== control.defaultChecked || (control.type !== "file" && control.value !== control.defaultValue);
}

function isAnswered({ choices, text, parts }) {
  return choices.length > 0 || text.trim() !== "" || Object.keys(parts).length > 0;
}

// Milliseconds of the server's time: they grow in every window and on every device, so the later change is known.
function nextSequence(box) {
  const sequence = Math.max(Number(box.dataset.sequence) + 1, Math.round(serverTime()));
  box.dataset.sequence = sequence;
  return sequence;
}

function changed(box, { soon = false } = {}) {
  const id = box.dataset.question;
  pending.set(id, { sequence: nextSequence(box), ...read(box) });
  remember();
  draw();
  clearTimeout(timers.get(id));
  timers.set(id, setTimeout(send, soon ? 0 : TEXT_PAUSE));
}

function remember() {
  try {
    if (pending.size) localStorage.setItem(storeKey, JSON.stringify([...pending]));
    else localStorage.removeItem(storeKey);
  } catch {
    // Without storage the answers wait in this page alone.
  }
}

function recall() {
  let kept = [];
  try {
    kept = JSON.parse(localStorage.getItem(storeKey) ?? "[]");
  } catch {
    // Nothing readable was left behind.
  }
  for (const [id, answer] of kept) {
    const box = boxes.get(id);
    if (!box || answer.sequence <= Number(box.dataset.sequence)) continue;
    box.dataset.sequence = answer.sequence;
    write(box, answer);
    pending.set(id, answer);
  }
  remember();
}

// Sends what waits, one after the other; what cannot be sent now is tried again, later each time.
function send() {
  sending ??= sendAll().finally(() => (sending = null));
  return sending;
}

async function sendAll() {
  while (pending.size) {
    const [id, answer] = pending.entries().next().value;
    try {
      draw();
      settle(id, answer, await json("PUT", `${path}/answers/${id}`, answer));
      failures = 0;
    } catch (error) {
      if (error instanceof Problem && error.code === "attempt_over") return leave();
      // From a network that is not allowed nothing is lost: it is sent again from the right one.
      if (error instanceof Problem && error.code === "network_not_allowed") tell(error.message);
      else if (error instanceof Problem && error.status < 500 && error.status !== 429) {
        pending.delete(id);
        remember();
        tell(error.message);
        return undefined;
      }
      failures += 1;
      setTimeout(send, Math.min(LONGEST_WAIT, 1000 * 2 ** Math.min(failures, 5)));
      draw();
      return undefined;
    }
  }
  draw();
  return undefined;
}

function settle(id, sent, kept) {
  const box = boxes.get(id);
  if (pending.get(id)?.sequence === sent.sequence) pending.delete(id);
  remember();
  box.dataset.sequence = Math.max(Number(box.dataset.sequence), kept.sequence);
  if (kept.kept || pending.has(id)) return;
  write(box, kept);
  tell(said.saidReplaced);
}

// ---- what is shown

function tell(text) {
  root.querySelector("[data-announce]").textContent = text;
}

function draw() {
  const offline = failures > 0 && pending.size > 0;
  const state = root.querySelector("[data-save-state]");
  const text = offline ? said.saidOffline : pending.size ? said.saidSaving : said.saidSaved;
  if (state.textContent !== text) state.textContent = text;
  root.classList.toggle("offline", offline);
  let empty = 0;
  for (const [id, box] of boxes) {
    const answer = read(box);
    const link = root.querySelector(`[data-goto="${id}"]`);
    link.classList.toggle("answered", isAnswered(answer));
    link.classList.toggle("flagged", answer.flagged);
    const words = [isAnswered(answer) ? said.saidAnswered : said.saidOpen, ...(answer.flagged ? [said.saidFlagged] : [])];
    link.querySelector("[data-state]").textContent = ` (${words.join(", ")})`;
    empty += isAnswered(answer) ? 0 : 1;
  }
  const summary = empty ? said.saidUnanswered.replace("%s", empty) : said.saidAll;
  root.querySelector("[data-summary]").textContent = summary;
  root.querySelector("[data-confirm-text]").textContent = summary;
}

function clockText(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return (parts[0] ? parts : parts.slice(1)).map((part, at) => (at ? String(part).padStart(2, "0") : part)).join(":");
}

function tick() {
  if (deadline === null || leaving) return;
  const seconds = Math.max(0, Math.ceil((deadline - serverTime()) / 1000));
  const clock = root.querySelector("[data-countdown]");
  clock.querySelector("[data-time]").textContent = said.saidLeft.replace("%s", clockText(seconds));
  clock.classList.toggle("short", seconds <= WARN_SECONDS[0]);
  clock.classList.toggle("last", seconds <= WARN_SECONDS[1]);
  if (WARN_SECONDS.includes(seconds)) tell(said.saidLeft.replace("%s", clockText(seconds)));
  if (seconds === 0) {
    tell(said.saidOver);
    submit();
  }
}

// A window that slept, or was given more time meanwhile, asks how things stand.
async function refresh() {
  try {
    const now = await json("GET", path);
    if (now.status !== "open") return leave();
    Object.assign(loaded, { page: performance.now(), wall: Date.now(), server: Date.parse(now.server_now) });
    deadline = now.deadline_at ? Date.parse(now.deadline_at) : null;
    tick();
  } catch {
    // Without a connection the clock goes on as it was.
  }
  return undefined;
}

// ---- the end

function leave() {
  leaving = true;
  localStorage.removeItem(storeKey);
  location.replace(`/attempts/${said.attempt}`);
}

async function submit() {
  if (leaving) return;
  for (const timer of timers.values()) clearTimeout(timer);
  await send();
  if (leaving) return;
  if (pending.size && (deadline === null || serverTime() < deadline)) return tell(said.saidOffline);
  try {
    await json("POST", `${path}/submit`);
    const waits = []; // whoever has something to finish first, such as the camera's last pictures
    document.dispatchEvent(new CustomEvent("attempt:submitted", { detail: { attempt: said.attempt, waits } }));
    await Promise.allSettled(waits);
    leave();
  } catch (error) {
    if (error instanceof Problem) return tell(error.message);
    setTimeout(submit, 3000);
    draw();
  }
}

form.addEventListener("input", (event) => {
  const box = event.target.closest("[data-question]");
  if (box && !event.target.matches("[type=file]")) changed(box, { soon: event.target.matches("[type=radio], [type=checkbox], select") });
});
form.addEventListener("click", (event) => {
  const flag = event.target.closest("[data-flag]");
  if (!flag) return;
  flag.ariaPressed = String(flag.ariaPressed !== "true");
  changed(flag.closest("[data-question]"), { soon: true });
});
form.addEventListener("keydown", (event) => {
  // Enter in a short answer goes on to the next question; nobody submits an exam by mistake.
  if (event.key !== "Enter" || !event.target.matches("input")) return;
  event.preventDefault();
  event.target.closest("[data-question]").nextElementSibling?.focus();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  root.parentElement.querySelector("[data-confirm-submit]").showModal();
});
root.querySelector("[data-confirm-submit]").addEventListener("close", (event) => {
  if (event.target.returnValue === "submit") submit();
});
root.querySelector("[data-nav]").addEventListener("click", (event) => {
  const link = event.target.closest("[data-goto]");
  if (!link) return;
  event.preventDefault();
  boxes.get(link.dataset.goto).scrollIntoView();
  boxes.get(link.dataset.goto).focus({ preventScroll: true });
});
window.addEventListener("online", send);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") refresh();
  else send();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) refresh();
});
// Files are kept by the server as they come: what it says of them holds, with its number.
form.addEventListener("answer:kept", (event) => {
  const box = event.target.closest("[data-question]");
  box.dataset.sequence = Math.max(Number(box.dataset.sequence), event.detail.sequence);
  draw();
});
bindChecks({
  boxes,
  path,
  isAnswered: (box) => isAnswered(read(box)),
  // Saves the answer first: should the page close now, it is kept.
  save: async (box) => {
    const answer = { sequence: nextSequence(box), ...read(box) };
    pending.set(box.dataset.question, answer);
    remember();
    await send();
    return answer;
  },
  take: (box, kept) => {
    box.dataset.sequence = Math.max(Number(box.dataset.sequence), kept.sequence);
    if (!pending.has(box.dataset.question)) write(box, kept);
    draw();
  },
  tell,
  said,
  leave,
});
// What somebody answered while this script was still on its way.
const early = [...boxes].filter(([, box]) => [...box.querySelectorAll("input, select, textarea")].some(isChanged)).map(([id]) => id);
for (const box of boxes.values()) enhance(box, said.attempt);
for (const flag of form.querySelectorAll("[data-flag]")) flag.hidden = false;
recall();
for (const id of early) if (!pending.has(id)) changed(boxes.get(id));
draw();
send();
tick();
setInterval(tick, 1000);
