// A regrade or a search for questions that is under way: its bar moves, and the page is loaded again when it is over.
import { json } from "./api.js";

const EVERY_MS = 1500;

async function follow(section) {
  const { regrade, drafting } = section.dataset;
  try {
    const seen = await json("GET", regrade ? `quiz-regrades/${regrade}` : `courses/${drafting}/question-drafting`);
    section.querySelector("progress").value = seen.done;
    section.querySelector("[data-done]").textContent = String(seen.done);
    if (seen.status === "done" || seen.status === "failed") {
      window.location.reload();
      return;
    }
  } catch {
    // The next look may find the server again; the page also has a link to load it anew.
  }
  setTimeout(() => follow(section), EVERY_MS);
}

document.querySelectorAll("[data-regrade], [data-drafting]").forEach(follow);
