// Checking a question during the attempt: the answer is saved, judged by the server, and what it tells is put in.
import { headers, json, Problem } from "../api.js";

const LONGEST_WAIT = 30_000;

// `save` keeps a box's answer and gives what was sent; `take` shows the answer that the server keeps.
export function bindChecks({ boxes, path, isAnswered, save, take, tell, said, leave }) {
  async function check(box) {
    const button = box.querySelector("[data-check]");
    if (button.ariaDisabled === "true") return;
    if (!isAnswered(box)) {
      box.querySelector("[data-checked]").textContent = said.saidAnswerFirst;
      return;
    }
    button.ariaDisabled = "true"; // not `disabled`: the focus stays where it is
    await judge(box, await save(box), 0);
    button.ariaDisabled = "false";
  }

  // The same request again, with the same number, until there is an answer: the server counts it once.
  async function judge(box, answer, failures) {
    try {
      const result = await json("POST", `${path}/answers/${box.dataset.question}/check`, answer);
      take(box, result.answer);
      await show(box, result);
    } catch (error) {
      if (error instanceof Problem && error.code === "attempt_over") return leave();
      if (error instanceof Problem && error.status < 500 && error.status !== 429) return tell(error.message);
      box.querySelector("[data-checked]").textContent = said.saidCheckWaits;
      await new Promise((resolve) => setTimeout(resolve, Math.min(LONGEST_WAIT, 1000 * 2 ** failures)));
      return judge(box, answer, Math.min(failures + 1, 5));
    }
    return undefined;
  }

  async function show(box, result) {
    if (result.settled) settle(box);
    const attempt = path.split("/").at(-1);
    const response = await fetch(`/attempts/${attempt}/checked/${box.dataset.question}`, { headers: headers() });
    // Nothing is there when a newer answer came in between: that one is still to be checked.
    box.querySelector("[data-checked]").innerHTML = response.ok ? await response.text() : ""; // the server made it safe
  }

  for (const box of boxes.values()) {
    if (box.dataset.settled !== undefined) settle(box);
    box.querySelector("[data-check]")?.addEventListener("click", (event) => {
      event.preventDefault();
      check(box);
    });
  }
}

// Nothing changes the question any more: what was answered stays to be read.
function settle(box) {
  box.dataset.settled = "";
  for (const control of box.querySelectorAll("input, select, textarea, [data-moves] button")) control.disabled = true;
  const row = box.querySelector("[data-check-row]");
  if (!row) return;
  if (row.contains(document.activeElement)) box.focus({ preventScroll: true });
  row.hidden = true;
}
