// The builder of questions as a list of plain objects, drawn and checked. A quiz's are saved whole after each change;
// a bank's is alone, and becomes a version when its author says so.
import { json, Problem } from "./api.js";
import { keepInBank } from "./questions/banking.js";
import { bindHints } from "./questions/hints.js";
import { bindKey, blankKey, copyOfKey, isIncomplete, takeIds } from "./questions/editing.js";
import { showPreview } from "./questions/preview.js";
import { toast } from "./toast.js";

const SAVE_PAUSE = 900;
const WITH_CHOICES = new Set(["single", "multiple", "true_false"]);
const root = document.querySelector("[data-builder]");
const list = root.querySelector("[data-list]");
const state = root.querySelector("[data-state]");
const section = root.parentElement;
const said = root.dataset;
const typeNames = new Map([...root.querySelectorAll("[data-new-type] option")].map((option) => [option.value, option.textContent]));
let questions = JSON.parse(said.questions);
let revision = Number(said.revision);
let timer = 0;
const alone = said.bank !== undefined;
const courseFiles = { picturesPath: said.picturesPath, address: said.files, paths: JSON.parse(said.pictures) };
let dirty = false;
let saving = false;

const shape = (name) => section.querySelector(`template[data-shape="${name}"]`).content.firstElementChild.cloneNode(true);
const number = (text) => Number(String(text).trim().replace(/\s/g, "").replace(",", "."));
const blankChoice = () => ({ text: "", correct: false, feedback: "" });

function blank(type) {
  const names = type === "true_false" ? [...document.documentElement.lang.startsWith("sw") ? ["Kweli", "Si kweli"] : ["True", "False"]] : ["", "", ""];
  const choices = WITH_CHOICES.has(type) ? names.map((text) => ({ ...blankChoice(), text })) : [];
  return { type, text: "", points: 1, partial_credit: true, feedback: "", choices, value: null, tolerance: 0, accepted: [], match_case: false, key: blankKey(type), hints: [], penalty_percent: null };
}

// What is missing before the server would take the question; null when nothing is.
function missing(question, item) {
  if (!question.text.trim()) return said.saidNoText;
  if (!(question.points > 0 && question.points <= 1000)) return said.saidPoints;
  if (WITH_CHOICES.has(question.type)) {
    if (question.choices.length < 2) return said.saidFew;
    if (question.choices.some((choice) => !choice.text.trim())) return said.saidEmptyChoice;
    if (!question.choices.some((choice) => choice.correct)) return said.saidNoKey;
  }
  if (question.type === "numeric" && !Number.isFinite(question.value)) return said.saidNoValue;
  if (question.type === "short_text" && question.accepted.length === 0) return said.saidNoAccepted;
  if (question.key && isIncomplete(item, question.type)) return said.saidIncomplete;
  return null;
}

// ---- drawing

function draw() {
  list.replaceChildren(...questions.map(drawQuestion));
}

function drawQuestion(question, index) {
  const item = shape("question");
  item.dataset.index = index;
  item.querySelector("[data-title]").textContent = said.saidQuestion.replace("%s", index + 1);
  item.querySelector("[data-type-name]").textContent = typeNames.get(question.type);
  for (const part of item.querySelectorAll("[data-part]")) {
    const types = part.dataset.part === "choices" ? WITH_CHOICES : part.dataset.part === "key" ? { has: () => question.key } : new Set(part.dataset.part.split(" "));
    part.hidden = !types.has(question.type);
  }
  for (const input of item.querySelectorAll("[data-field]")) {
    const name = input.dataset.field;
    if (input.type === "checkbox") input.checked = question[name];
    else input.value = name === "accepted" ? question.accepted.join("\n") : (question[name] ?? "");
    const label = input.closest("label") ?? input.parentElement.querySelector("label");
    input.id ||= `${name}-${crypto.randomUUID()}`;
    label.htmlFor = input.id;
  }
  bindKey(item, question, { changed: touched, courseFiles });
  bindHints(item, question, shape, touched);
  const group = `right-${crypto.randomUUID()}`;
  item.querySelector("[data-choices]").replaceChildren(...question.choices.map((choice, at) => drawChoice(question, choice, at, group)));
  item.querySelector("[data-add-choice]").hidden = question.type === "true_false";
  item.querySelector("[data-up]").disabled = index === 0;
  item.querySelector("[data-down]").disabled = index === questions.length - 1;
  return item;
}

function drawChoice(question, choice, at, group) {
  const line = shape("choice");
  line.dataset.choice = at;
  const name = said.saidChoice.replace("%s", at + 1);
  const right = line.querySelector("[data-correct]");
  right.type = question.type === "multiple" ? "checkbox" : "radio";
  right.name = group;
  right.checked = choice.correct;
  right.ariaLabel = `${name}: ${said.saidNoKey}`;
  const text = line.querySelector("[data-choice-text]");
  text.value = choice.text;
  text.ariaLabel = name;
  line.querySelector("[data-choice-feedback]").value = choice.feedback;
  line.querySelector("[data-remove-choice]").hidden = question.type === "true_false";
  return line;
}

function mark() {
  let wrong = 0;
  for (const item of list.children) {
    const problem = missing(questions[Number(item.dataset.index)], item);
    const error = item.querySelector("[data-error]");
    error.hidden = problem === null;
    if (problem !== null && error.textContent !== problem) error.textContent = problem;
    wrong += problem === null ? 0 : 1;
  }
  return wrong;
}

// ---- saving

function touched({ redraw = false } = {}) {
  dirty = true;
  if (redraw) draw();
  state.textContent = mark() ? said.saidWrong : said.saidUnsaved;
  clearTimeout(timer);
  if (!alone) timer = setTimeout(save, SAVE_PAUSE);
}

// What the server keeps of the questions that were sent, in their order.
async function keep(sent) {
  if (alone) {
    const kept = await keepInBank(root, sent[0], revision);
    revision = kept.version;
    return [kept.question];
  }
  const kept = await json("PUT", `quizzes/${said.builder}/questions`, { base_revision: revision, questions: sent });
  revision = kept.revision;
  return kept.question_list;
}

async function save() {
  if (saving || !dirty || mark()) return;
  saving = true;
  dirty = false;
  state.textContent = said.saidSaving;
  try {
    const sent = questions;
    const kept = await keep(sent);
    // Ids the server gave; what was typed meanwhile stays.
    sent.forEach((question, at) => {
      question.id = kept[at].id;
      takeIds(question.key, kept[at].key);
      question.choices.forEach((choice, place) => (choice.id ??= kept[at].choices[place]?.id));
    });
    state.textContent = dirty ? said.saidUnsaved : said.saidSaved;
  } catch (error) {
    dirty = true;
    state.textContent = error.body?.errors?.[0]?.message ?? error.message;
    if (!alone && !(error instanceof Problem)) timer = setTimeout(save, 5000);
  } finally {
    saving = false;
    if (!alone && dirty && state.textContent === said.saidUnsaved) timer = setTimeout(save, SAVE_PAUSE);
  }
}

function move(from, to) {
  if (to < 0 || to >= questions.length) return;
  const [question] = questions.splice(from, 1);
  questions.splice(to, 0, question);
  touched({ redraw: true });
  list.children[to].querySelector("[data-title]").focus();
  root.querySelector("[data-moved]").textContent = said.saidMoved.replace("%s", to + 1);
}

function focusQuestion(at) {
  list.children[at]?.querySelector('[data-field="text"]').focus();
}

// ---- what the author does

list.addEventListener("input", (event) => {
  const item = event.target.closest("[data-index]");
  if (!item || event.target.closest(".key-part, [data-hint-list]")) return; // fields of a key are bound by themselves, and may be redrawn
  const question = questions[Number(item.dataset.index)];
  const line = event.target.closest("[data-choice]");
  if (line) changeChoice(question, Number(line.dataset.choice), event.target);
  else changeField(question, event.target);
  touched();
});

function changeChoice(question, at, input) {
  if (input.matches("[data-choice-text]")) question.choices[at].text = input.value;
  else if (input.matches("[data-choice-feedback]")) question.choices[at].feedback = input.value;
  else if (question.type === "multiple") question.choices[at].correct = input.checked;
  else question.choices.forEach((choice, place) => (choice.correct = place === at));
  // A changed key makes old weights meaningless.
  if (input.matches("[data-correct]")) for (const choice of question.choices) choice.weight = null;
}

function changeField(question, input) {
  const name = input.dataset.field;
  if (name === "accepted") question.accepted = input.value.split("\n").map((line) => line.trim()).filter(Boolean);
  else if (input.type === "checkbox") question[name] = input.checked;
  else if (name === "value") question.value = input.value.trim() === "" ? null : number(input.value);
  else if (name === "tolerance") question.tolerance = Math.abs(number(input.value)) || 0;
  else if (name === "penalty_percent") question.penalty_percent = input.value.trim() === "" ? null : Math.min(100, Math.max(0, number(input.value) || 0));
  else if (name === "points") question.points = Math.round(number(input.value) * 100) / 100;
  else question[name] = input.value;
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const item = button?.closest("[data-index]");
  if (!item || button.closest(".key-part, [data-hints]")) return;
  const at = Number(item.dataset.index);
  const question = questions[at];
  if (button.matches("[data-up]")) move(at, at - 1);
  else if (button.matches("[data-down]")) move(at, at + 1);
  else if (button.matches("[data-copy]")) {
    questions.splice(at + 1, 0, { ...structuredClone(question), id: null, key: copyOfKey(question.key), choices: question.choices.map((choice) => ({ ...choice, id: null })) });
    touched({ redraw: true });
    focusQuestion(at + 1);
  } else if (button.matches("[data-remove]")) {
    questions.splice(at, 1);
    touched({ redraw: true });
    focusQuestion(Math.min(at, questions.length - 1));
  } else if (button.matches("[data-add-choice]")) {
    question.choices.push(blankChoice());
    touched({ redraw: true });
    list.children[at].querySelector("[data-choices]").lastElementChild.querySelector("[data-choice-text]").focus();
  } else if (button.matches("[data-remove-choice]")) {
    question.choices.splice(Number(button.closest("[data-choice]").dataset.choice), 1);
    touched({ redraw: true });
    list.children[at].querySelector("[data-add-choice]").focus();
  }
});
// Alt with an arrow moves the question in hand.
list.addEventListener("keydown", (event) => {
  if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  const at = Number(event.target.closest("[data-index]").dataset.index);
  move(at, at + (event.key === "ArrowUp" ? -1 : 1));
});
root.querySelector("[data-add]")?.addEventListener("click", () => {
  questions.push(blank(root.querySelector("[data-new-type]").value));
  touched({ redraw: true });
  focusQuestion(questions.length - 1);
});
root.querySelector("[data-save-version]")?.addEventListener("click", save);
root.querySelector("[data-show-preview]")?.addEventListener("click", async () => {
  await save();
  try {
    showPreview(section.querySelector("[data-preview-dialog]"), await json("GET", `quizzes/${said.builder}/preview`));
  } catch (error) {
    toast(error.message);
  }
});

window.addEventListener("beforeunload", (event) => {
  if (dirty || saving) event.preventDefault();
});
if (alone && questions.length === 0) questions.push(blank(said.newType));
root.querySelector("[data-add-row]").hidden = false;
draw();
mark();
