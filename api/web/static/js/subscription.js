// A payment of the subscription that is under way: the page is loaded again when its end is known.
import { json } from "./api.js";

const EVERY_MS = 3000;
const OPEN = new Set(["created", "pending", "unknown"]);

async function follow(section) {
  try {
    const seen = await json("GET", "subscription/status");
    if (!seen.subscription?.due || !OPEN.has(seen.paying)) {
      window.location.replace("/subscription");
      return;
    }
  } catch {
    // The next look may find the server again; the page also has a link to look by hand.
  }
  setTimeout(() => follow(section), EVERY_MS);
}

document.querySelectorAll("[data-paying]").forEach(follow);
