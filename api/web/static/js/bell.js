// The number on the bell: asked for once the page is there, at most once a minute in a tab.
import { json } from "./api.js";

const KEPT_MS = 60_000;
const KEY = "unread";

function kept() {
  try {
    const [at, unread] = JSON.parse(sessionStorage.getItem(KEY));
    return Date.now() - at < KEPT_MS ? unread : null;
  } catch {
    return null;
  }
}

function keep(unread) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify([Date.now(), unread]));
  } catch {
    // Without storage it is asked for on every page.
  }
}

export async function ring(bell) {
  const list = document.querySelector("[data-notifications]");
  let unread = list ? null : kept();
  if (unread === null) {
    unread = (await json("GET", "notifications/unread")).unread;
    keep(unread);
  }
  const number = bell.querySelector("[data-number]");
  number.textContent = unread > 99 ? "99+" : String(unread);
  number.hidden = unread === 0;
  bell.setAttribute("aria-label", unread ? bell.dataset.said.replace("%s", unread) : bell.dataset.none);
}
