// A list of people that is being carried out: its bar moves, and the page is loaded again when it is done.
import { json } from "./api.js";

const EVERY_MS = 1500;

async function follow(section) {
  const bar = section.querySelector("progress");
  const number = section.querySelector("[data-done]");
  try {
    const roster = await json("GET", `admin/rosters/${section.dataset.roster}`);
    bar.value = roster.done;
    number.textContent = String(roster.done);
    if (roster.status === "done") {
      window.location.reload();
      return;
    }
  } catch {
    // The next look may find the server again; the page also has a link to load it anew.
  }
  setTimeout(() => follow(section), EVERY_MS);
}

document.querySelectorAll("[data-roster]").forEach(follow);
