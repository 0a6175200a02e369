// A course that is being copied: its bar moves, and the page is loaded again when the copy is whole or has failed.
import { json } from "./api.js";

const EVERY_MS = 1500;

async function follow(section) {
  try {
    const copy = await json("GET", `copies/${section.dataset.copy}`);
    section.querySelector("progress").value = copy.percent;
    if (copy.state === "done" || copy.state === "failed") {
      window.location.reload();
      return;
    }
  } catch {
    // The next look may find the server again; the page also has a link to load it anew.
  }
  setTimeout(() => follow(section), EVERY_MS);
}

document.querySelectorAll("[data-copy]").forEach(follow);
