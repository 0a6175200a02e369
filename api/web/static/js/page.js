// What every page has: the theme switch, menus that close, questions before something is lost, what was typed kept.
import { keepTyped } from "./kept.js";
import { toast } from "./toast.js";

const THEMES = ["auto", "light", "dark"];

function themeSwitch(button) {
  const names = button.dataset.names.split("|");
  button.hidden = false;
  button.addEventListener("click", () => {
    const now = document.documentElement.dataset.theme ?? "auto";
    const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
    if (next === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem("theme", next);
    } catch {
      // Without storage the choice lasts until the next page.
    }
    toast(button.dataset.said.replace("%s", names[THEMES.indexOf(next)]));
  });
}

function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (event.type === "keydown" ? event.key === "Escape" : !menu.contains(event.target)) {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside && event.type === "keydown") menu.querySelector("summary").focus();
    }
  }
}

function askFirst(event) {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
}

keepTyped();
const bell = document.querySelector("[data-bell]");
// Nobody waits for the number: a page is whole without it.
if (bell) import("./bell.js").then(({ ring }) => ring(bell)).catch(() => {});

// On a phone the tabs, and many groups of them, scroll: the one of this page is in sight.
for (const tab of document.querySelectorAll(".tabs [aria-current], .many .groups [aria-current]")) {
  const line = tab.closest(".tabs, .groups");
  const [from, to] = [line.getBoundingClientRect(), tab.getBoundingClientRect()];
  line.scrollLeft += to.left + to.width / 2 - from.left - from.width / 2;
}
document.querySelectorAll("[data-theme-switch]").forEach(themeSwitch);
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
document.addEventListener("submit", askFirst);
