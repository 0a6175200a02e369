// The reader: the assistant beside the lesson, citations shown in the text, code to copy.
import { Assistant } from "./assistant.js";
import { json, request } from "./api.js";
import { copyButtons } from "./code_copy.js";
import { startEmbeds } from "./embeds.js";
import { clear, show } from "./highlight.js";
import { startVideos } from "./video.js";

const PLACE_STEP = 10;
const PLACE_SECONDS = 20;
const BEAT_SECONDS = 30;
const article = document.querySelector("article");
const text = document.querySelector("[data-lesson-text]");
const panel = document.querySelector("[data-assistant]");
const note = document.querySelector("[data-cited-note]");
const opener = document.querySelector("[data-open-assistant]");
const beside = matchMedia("(min-width: 80rem)");

function showQuote(quote) {
  const found = show(article, quote);
  note.hidden = !found;
  return found;
}

function removeQuote() {
  clear(article);
  note.hidden = true;
  const address = new URL(location.href);
  address.searchParams.delete("quote");
  history.replaceState(null, "", address);
}

function openPanel(open) {
  panel.classList.toggle("open", open);
  opener.ariaExpanded = String(open);
  if (open) panel.querySelector("textarea").focus({ preventScroll: true });
  else if (panel.contains(document.activeElement)) opener.focus();
}

// A citation of this very lesson is shown in place; any other is a link to its lesson.
function openCitation(event) {
  const link = event.target.closest("a.cite, a.citation");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const address = new URL(link.href);
  sessionStorage.setItem("assistant-open", beside.matches ? "" : "closed");
  if (!address.pathname.endsWith(panel.dataset.lesson)) return;
  event.preventDefault();
  for (const other of panel.querySelectorAll(".cite[aria-current]")) other.removeAttribute("aria-current");
  if (link.classList.contains("cite")) link.ariaCurrent = "true";
  if (!beside.matches) openPanel(false);
  history.replaceState(null, "", `${location.pathname}${address.search}${address.hash}`);
  if (!showQuote(address.searchParams.get("quote") ?? "")) document.getElementById(decodeURIComponent(address.hash.slice(1)))?.scrollIntoView();
}

// Tells the server that the lesson is open and how far down, at most once in a while and on leaving.
function keepPlace() {
  let told = -1;
  const tell = () => {
    const height = document.documentElement.scrollHeight - window.innerHeight;
    const percent = height > 0 ? Math.min(100, Math.round((100 * window.scrollY) / height)) : 100;
    if (Math.abs(percent - told) < PLACE_STEP && told >= 0) return;
    told = percent;
    request("PUT", `lessons/${panel.dataset.lesson}/position`, { percent }).catch(() => {});
  };
  setTimeout(tell, 1000);
  setInterval(tell, PLACE_SECONDS * 1000);
}

// Tells the server, while the page is in sight, that somebody reads; it counts the time by its own clock.
function keepTime() {
  let timer = 0;
  const beat = async (begins) => {
    const reading = await json("POST", `lessons/${panel.dataset.lesson}/heartbeat`, { begins }).catch(() => null);
    if (reading) showDone(reading);
  };
  const follow = () => {
    clearInterval(timer);
    if (document.visibilityState !== "visible") return;
    beat(true);
    timer = setInterval(() => beat(false), BEAT_SECONDS * 1000);
  };
  document.addEventListener("visibilitychange", follow);
  follow();
}

// What the lesson asks for, ticked as it is met; without a rule there is nothing to tick.
function showDone(reading) {
  if (text.dataset.counts === undefined) return;
  for (const each of reading.requirements) {
    const line = document.querySelector(`[data-asked] [data-kind="${each.kind}"]`);
    if (!line || !each.met) continue;
    line.className = "met";
    line.querySelector(".tick").className = "tick done";
    line.querySelector(".tick").textContent = "✓";
  }
  if (reading.completed) document.querySelector("[data-just-completed]").hidden = false;
}

// The contents, scrolled to this lesson without moving the page.
function showPlaceInContents() {
  const list = document.querySelector(".reader-contents");
  const here = list.querySelector("[aria-current]");
  if (here) list.scrollTop = here.offsetTop - list.clientHeight / 2;
}

copyButtons(text);
startEmbeds(text);
startVideos(text, panel.dataset.lesson);
showPlaceInContents();
keepPlace();
keepTime();
const assistant = new Assistant(panel);
assistant.restore();
panel.addEventListener("click", openCitation);
panel.querySelector("[data-new]").addEventListener("click", () => assistant.fresh());
panel.querySelector("[data-close-assistant]").addEventListener("click", () => openPanel(false));
opener.addEventListener("click", () => openPanel(true));
note.querySelector("[data-uncite]").addEventListener("click", removeQuote);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel.classList.contains("open")) openPanel(false);
});
const quote = new URL(location.href).searchParams.get("quote");
if (quote) requestAnimationFrame(() => showQuote(quote));
