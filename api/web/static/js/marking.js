// Marking by hand and keyboard: the rubric's sum as it grows, a selected passage ready to comment on, shortcuts.
const form = document.querySelector("[data-marking]");
const text = form?.querySelector("[data-text]");
const sum = form?.querySelector("[data-sum]");

function pointsGiven() {
  const picked = [...form.querySelectorAll("[data-points]:checked")].map((each) => Number(each.dataset.points));
  const typed = [...form.querySelectorAll("[data-free]")].map((each) => Number(each.value.replace(",", ".")) || 0);
  return [...picked, ...typed].reduce((all, each) => all + each, 0);
}

function showSum() {
  const points = (pointsGiven() / Number(sum.dataset.maximum)) * Number(form.dataset.marking);
  const shown = points.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
  sum.textContent = sum.dataset.said.replace("%s", shown);
}

// How many characters of the submission stand before a place in it; the numbers of comments are not its own.
function lengthBefore(node, offset) {
  const range = document.createRange();
  range.setStart(text, 0);
  range.setEnd(node, offset);
  const copy = range.cloneContents();
  copy.querySelectorAll("sup").forEach((each) => each.remove());
  return [...copy.textContent].length;
}

function takeSelection() {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return;
  const range = selection.getRangeAt(0);
  if (!text.contains(range.startContainer) || !text.contains(range.endContainer)) return;
  const copy = range.cloneContents();
  copy.querySelectorAll("sup").forEach((each) => each.remove());
  const quote = copy.textContent.trim();
  if (!quote) return;
  form.elements.quote.value = quote.slice(0, 2000);
  form.elements.start.value = lengthBefore(range.startContainer, range.startOffset);
}

function shortcut(event) {
  if (event.key === "Enter" && event.ctrlKey) {
    event.preventDefault();
    form.requestSubmit(form.querySelector('[name="action"][value="next"]'));
  } else if (event.altKey && event.code === "KeyN") {
    event.preventDefault();
    document.querySelector("[data-next]")?.click();
  }
}

if (form) {
  if (sum) {
    form.addEventListener("input", showSum);
    showSum();
  }
  if (text) {
    document.addEventListener("mouseup", takeSelection);
    document.addEventListener("keyup", takeSelection);
  }
  document.addEventListener("keydown", shortcut);
}
