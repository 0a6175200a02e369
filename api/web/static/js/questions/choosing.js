// Dialogs that choose from banks: single questions, or a random draw that tells how many questions match.
import { json } from "../api.js";
import { toast } from "../toast.js";

const COUNT_PAUSE = 250;
const number = (text) => Math.round(Number(String(text).trim().replace(",", ".")) * 100) / 100;
const words = (text) => text.split(",").map((tag) => tag.trim().toLowerCase()).filter(Boolean);

export function openPick(page, said, placed, take) {
  const dialog = page.querySelector("[data-pick-dialog]");
  const form = dialog.querySelector("[data-find]");
  dialog.showModal();
  if (!form) return;
  const found = dialog.querySelector("[data-found]");

  function line(question) {
    const bank = form.querySelector("[data-bank]").selectedOptions[0].textContent.replace(/ \(\d+\)$/, "");
    const item = document.createElement("li");
    const text = Object.assign(document.createElement("p"), { className: "grow", textContent: question.text.slice(0, 300), dir: "auto", id: `pick-${question.id}` });
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button quiet small" });
    const show = () => {
      button.textContent = placed.has(question.id) ? said.saidAdded : said.saidAdd;
      button.disabled = placed.has(question.id);
    };
    button.setAttribute("aria-describedby", text.id);
    button.addEventListener("click", () => {
      placed.add(question.id);
      show();
      const { id, type, points } = question;
      take({ kind: "bank", question_id: id, bank_id: question.bank_id, bank_name: bank, version: null, newest: question.version, points: null, question: { id, type, points, text: question.text } });
      (item.nextElementSibling?.querySelector("button:not(:disabled)") ?? form.querySelector("[data-text]")).focus();
    });
    show();
    item.append(text, button);
    return item;
  }

  async function search() {
    const asked = new URLSearchParams({ status: "ready", limit: "30", text: form.querySelector("[data-text]").value });
    const type = form.querySelector("[data-type]").value;
    if (type) asked.set("type", type);
    try {
      const { items } = await json("GET", `question-banks/${form.querySelector("[data-bank]").value}/questions?${asked}`);
      found.replaceChildren(...items.map(line));
      dialog.querySelector("[data-result]").textContent = items.length ? "" : said.saidNone;
    } catch (error) {
      toast(error.message);
    }
  }

  form.onsubmit = (event) => {
    event.preventDefault();
    search();
  };
  form.onchange = search;
  search();
}

export function openDraw(page, said, known, take) {
  const dialog = page.querySelector("[data-draw-dialog]");
  const form = dialog.querySelector("[data-wanted]");
  dialog.showModal();
  if (!form) return;
  const part = (name) => form.querySelector(`[data-${name}]`);
  const types = [...form.querySelectorAll("[data-type]")];
  let timer = 0;
  let asked = 0;

  function fill(slot) {
    if (slot.bank_id) part("bank").value = slot.bank_id;
    part("tags").value = slot.tags.join(", ");
    part("count").value = slot.count;
    part("points").value = slot.points;
    part("subcategories").checked = slot.subcategories;
    for (const box of types) box.checked = slot.types.includes(box.value);
    form.querySelector("details").open = slot.types.length > 0;
    part("take").textContent = known ? said.saidReplace : said.saidInsert;
  }

  async function readBank(category) {
    const bank = await json("GET", `question-banks/${part("bank").value}`);
    part("category").replaceChildren(new Option(said.saidAny, ""), ...bank.categories.map(({ id, name, depth }) => new Option("– ".repeat(depth) + name, id)));
    part("category").value = category ?? "";
    part("known").replaceChildren(...Object.keys(bank.tags).map((tag) => new Option(tag)));
  }

  function wanted() {
    return {
      kind: "draw",
      bank_id: part("bank").value,
      bank_name: part("bank").selectedOptions[0].textContent.replace(/ \(\d+\)$/, ""),
      count: Number(part("count").value),
      points: number(part("points").value),
      category_id: part("category").value || null,
      subcategories: part("subcategories").checked,
      types: types.filter((box) => box.checked).map((box) => box.value),
      tags: words(part("tags").value),
    };
  }

  async function count() {
    const turn = (asked += 1);
    const slot = wanted();
    const query = new URLSearchParams({ subcategories: slot.subcategories });
    if (slot.category_id) query.set("category", slot.category_id);
    for (const type of slot.types) query.append("type", type);
    for (const tag of slot.tags) query.append("tag", tag);
    const { questions } = await json("GET", `question-banks/${slot.bank_id}/matching?${query}`);
    if (turn === asked) part("matching").textContent = questions === 1 ? said.saidOne : said.saidMatching.replace("%s", questions);
    return questions;
  }

  const failed = (error) => toast(error.message);
  form.oninput = (event) => {
    clearTimeout(timer);
    timer = setTimeout(() => (event.target === part("bank") ? readBank().then(count) : count()).catch(failed), COUNT_PAUSE);
  };
  form.onsubmit = async (event) => {
    event.preventDefault();
    try {
      const slot = wanted();
      if (!(slot.points > 0)) return part("points").focus();
      take({ ...slot, matching: await count() });
      dialog.close();
    } catch (error) {
      failed(error);
    }
    return undefined;
  };
  fill(known ?? { tags: [], types: [], count: 1, points: 1, subcategories: true });
  readBank(known?.category_id).then(count).catch(failed);
}
