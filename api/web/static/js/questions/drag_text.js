// Words into gaps: choose a word and then a gap, or drag it there. The lists that the gaps hide are the answer.
import { draggable } from "./dragging.js";

export function enhanceBank(box) {
  const bank = box.querySelector("[data-bank]");
  const words = new Map([...bank.querySelectorAll("[data-word]")].map((word) => [word.dataset.word, word]));
  const reusable = bank.dataset.reusable === "true";
  const gaps = new Map();
  let chosen = null;

  function choose(id) {
    chosen = id;
    for (const [each, word] of words) word.ariaPressed = String(each === id);
    box.classList.toggle("placing", id !== null);
  }

  function place(select, id) {
    if (id && !reusable) for (const other of gaps.keys()) if (other.value === id) other.value = "";
    select.value = id;
    choose(null);
    select.dispatchEvent(new Event("input", { bubbles: true }));
    draw();
  }

  function draw() {
    const used = new Set([...gaps.keys()].map((select) => select.value));
    let number = 0;
    for (const [select, gap] of gaps) {
      number += 1;
      const word = words.get(select.value);
      const said = word ? word.textContent.trim() : bank.dataset.saidEmpty;
      gap.replaceChildren(...(word ? [...word.childNodes].map((node) => node.cloneNode(true)) : [String(number)]));
      gap.classList.toggle("filled", Boolean(word));
      gap.ariaLabel = bank.dataset.saidGap.replace("%(number)s", number).replace("%(word)s", said);
    }
    for (const [id, word] of words) word.hidden = !reusable && used.has(id);
  }

  for (const select of box.querySelectorAll("select[data-answer-part]")) {
    const gap = Object.assign(document.createElement("button"), { type: "button", className: "drop-gap" });
    select.after(gap);
    select.hidden = true;
    gaps.set(select, gap);
    gap.addEventListener("click", () => {
      if (chosen !== null) place(select, chosen);
      else if (select.value) {
        const word = words.get(select.value);
        place(select, "");
        word.focus();
      }
    });
    draggable(gap, gap, { onDrop: (over) => drop(over, select.value, select) });
  }

  function drop(over, id, from = null) {
    const target = [...gaps].find(([, gap]) => gap.contains(over))?.[0];
    if (!id) return;
    if (target && target !== from) {
      if (from) from.value = "";
      place(target, id);
    } else if (!target && from) place(from, "");
  }

  for (const [id, word] of words) {
    word.addEventListener("click", () => choose(chosen === id ? null : id));
    draggable(word, word, { onDrop: (over) => drop(over, id) });
  }
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") choose(null);
  });
  box.addEventListener("answer:written", draw);
  bank.hidden = false;
  draw();
}
