// Pages of an attempt: sections that begin a page are shown one page at a time. Answers of all pages stay in the form.
const form = document.querySelector("[data-form]");
const bar = form.querySelector("[data-pages]");
const nav = document.querySelector("[data-nav]");
const pages = [[]];
for (const part of form.querySelectorAll(":scope > .section-head, :scope > [data-question]")) {
  if ("newPage" in part.dataset && pages.at(-1).length) pages.push([]);
  pages.at(-1).push(part);
}
let now = 0;

function show(at) {
  now = at;
  pages.forEach((parts, page) => parts.forEach((part) => (part.hidden = page !== at)));
  bar.querySelector('[data-page="-1"]').disabled = at === 0;
  bar.querySelector('[data-page="1"]').disabled = at === pages.length - 1;
  bar.querySelector("[data-page-name]").textContent = bar.dataset.said.replace("%(number)s", at + 1).replace("%(all)s", pages.length);
}

bar.addEventListener("click", (event) => {
  const button = event.target.closest("[data-page]");
  if (!button) return;
  show(now + Number(button.dataset.page));
  pages[now][0].scrollIntoView();
  pages[now][0].focus({ preventScroll: true });
});
// Before the page's own script goes to the question, its page must be there.
nav.addEventListener("click", (event) => {
  const id = event.target.closest("[data-goto]")?.dataset.goto;
  const at = pages.findIndex((parts) => parts.some((part) => part.dataset.question === id));
  if (id && at >= 0) show(at);
}, { capture: true });
if (pages.length > 1) {
  bar.hidden = false;
  const wanted = document.getElementById(location.hash.slice(1));
  show(Math.max(0, pages.findIndex((parts) => parts.includes(wanted))));
}
