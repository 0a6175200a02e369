// An import as it goes on: its events move the bar; EventSource takes lost connections up by itself.
const box = document.querySelector("[data-import]");
const ENDED = new Set(["done", "failed", "cancelled"]);

function show(job) {
  box.dataset.status = job.status;
  const said = job.status.charAt(0).toUpperCase() + job.status.slice(1);
  const state = box.querySelector("[data-state]");
  if (state.textContent !== box.dataset[`said${said}`]) state.textContent = box.dataset[`said${said}`];
  const bar = box.querySelector("[data-bar]");
  bar.max = job.total || 1;
  bar.value = job.status === "done" ? bar.max : job.done;
  box.querySelector("[data-count]").textContent = job.total ? `${job.done} / ${job.total}` : "";
  box.querySelector("[data-current]").textContent = ENDED.has(job.status) ? "" : job.current;
  for (const name of ["modules", "lessons", "chunks"]) box.querySelector(`[data-${name}]`).textContent = job[name];
  for (const part of box.querySelectorAll("[data-when]")) part.hidden = !part.dataset.when.split(" ").includes(job.status);
  if (job.slug) {
    for (const link of box.querySelectorAll("a[data-when]")) link.href = "teach" in link.dataset ? `/teach/courses/${job.slug}/outline` : `/courses/${job.slug}`;
  }
  const told = job.failed.length + job.missing_pictures.length + job.not_carried.length;
  if (told !== document.querySelectorAll("[data-report] [data-told]").length && told !== reported) report(told);
  box.querySelector("[data-updated]").hidden = !(job.updated && job.status === "done");
}

// What failed and why is written by the server, in the language of the page.
let reported = 0;

async function report(told) {
  reported = told;
  const page = await (await fetch(location.href)).text();
  const place = new DOMParser().parseFromString(page, "text/html").querySelector("[data-report]");
  if (place) document.querySelector("[data-report]").replaceWith(document.adoptNode(place));
}

if (!ENDED.has(box.dataset.status)) {
  const source = new EventSource(`/api/v1/imports/${box.dataset.import}/events`);
  source.addEventListener("progress", (event) => show(JSON.parse(event.data)));
  source.addEventListener("done", (event) => {
    show(JSON.parse(event.data));
    source.close();
  });
}
