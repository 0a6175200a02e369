// Deciding on flags with buttons or keys; verdict and appeal are sent and the page is loaded anew.
import { json } from "../api.js";

const root = document.querySelector("[data-report]");
const path = `proctor-session/${root.dataset.report}`;
const flags = [...root.querySelectorAll("[data-flag]")];
const KEYS = { c: "confirm", d: "dismiss", u: "reopen" };

function fail(error) {
  const place = root.querySelector("[data-problem]");
  place.textContent = error.message;
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

async function decide(flag, decision) {
  const box = flag.querySelector("[data-comment]");
  try {
    await json("POST", `${path}/anomalies/${flag.dataset.flag}/decision`, { decision, comment: box.value.trim() });
    again(flag);
  } catch (error) {
    fail(error);
  }
}

// The page is drawn by the server; it comes back to the flag in hand.
function again(flag) {
  sessionStorage.setItem("flag", flag?.dataset.flag ?? "");
  location.reload();
}

root.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-decide]");
  if (button) await decide(button.closest("[data-flag]"), button.dataset.decide);
  const rest = event.target.closest("[data-dismiss-rest]");
  if (rest && window.confirm(rest.dataset.confirmText)) {
    try {
      await json("POST", `${path}/bulk-dismiss`, {});
      again();
    } catch (error) {
      fail(error);
    }
  }
});

root.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-verdict], [data-appeal-answer]")) return;
  event.preventDefault();
  const { name, value } = event.submitter;
  try {
    if (form.matches("[data-verdict]")) await json("POST", `${path}/verdict`, { [name]: value, message: form.elements.message.value });
    else await json("POST", `${path}/appeal/answer`, { upheld: value === "true", answer: form.elements.answer.value });
    again();
  } catch (error) {
    fail(error);
  }
});

root.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-comment]")) decide(event.target.closest("[data-flag]"), "comment");
});

document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
  const here = flags.indexOf(document.activeElement.closest?.("[data-flag]"));
  if (["j", "k"].includes(event.key) && flags.length) {
    event.preventDefault();
    const next = flags[Math.min(flags.length - 1, Math.max(0, here + (event.key === "j" ? 1 : -1)))];
    next.focus();
    next.scrollIntoView({ block: "center" });
  } else if (here >= 0 && root.dataset.mayDecide === "true") {
    if (KEYS[event.key]) decide(flags[here], KEYS[event.key]);
    if (event.key === "m") {
      event.preventDefault();
      flags[here].querySelector("[data-comment]").focus();
    }
  }
});

const last = sessionStorage.getItem("flag");
sessionStorage.removeItem("flag");
if (last) root.querySelector(`[data-flag="${CSS.escape(last)}"]`)?.focus();
root.dataset.alive = "true";
