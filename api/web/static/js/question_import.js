// Questions on their way into a quiz: the bar moves, and the page is loaded again when they are there.
import { json } from "./api.js";

const EVERY_MS = 800;

async function follow(section) {
  try {
    const seen = await json("GET", `question-imports/${section.dataset.questionImport}`);
    section.querySelector("progress").value = seen.done;
    section.querySelector("[data-done]").textContent = String(seen.done);
    if (seen.status === "done" || seen.status === "failed") {
      window.location.reload();
      return;
    }
  } catch {
    // The next look may find the server again.
  }
  setTimeout(() => follow(section), EVERY_MS);
}

document.querySelectorAll("[data-question-import]").forEach(follow);
