// A payment that is under way: its state is asked for, and the page is loaded again when it moved on.
import { json } from "./api.js";

const EVERY_MS = 2000;
const SLOWER_MS = 10000;
const LONG_AFTER_MS = 180000; // a prompt is answered within three minutes or not at all

const section = document.querySelector("[data-paying]");
const begun = performance.now();

async function look() {
  if (!document.hidden) {
    try {
      const seen = await json("GET", `orders/${section.dataset.paying}/payment`);
      if (seen.step !== section.dataset.step) {
        window.location.replace(`/checkout/${section.dataset.paying}`);
        return;
      }
    } catch {
      // The next look may find the server again; the page also has a link to load it anew.
    }
  }
  setTimeout(look, performance.now() - begun > LONG_AFTER_MS ? SLOWER_MS : EVERY_MS);
}

if (section) setTimeout(look, EVERY_MS);
