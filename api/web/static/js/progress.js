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
  showFailures(job.failed);
}

function showFailures(failed) {
  const place = document.querySelector("[data-failures]");
  place.hidden = failed.length === 0;
  place.querySelector("ul").replaceChildren(
    ...failed.map(({ path, reason }) => {
      const item = document.createElement("li");
      const name = Object.assign(document.createElement("code"), { textContent: path, dir: "auto" });
      item.append(name, Object.assign(document.createElement("p"), { className: "small", textContent: reason }));
      return item;
    }),
  );
}

if (!ENDED.has(box.dataset.status)) {
  const source = new EventSource(`/api/v1/imports/${box.dataset.import}/events`);
  source.addEventListener("progress", (event) => show(JSON.parse(event.data)));
  source.addEventListener("done", (event) => {
    show(JSON.parse(event.data));
    source.close();
  });
}
