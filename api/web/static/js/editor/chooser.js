// The dialogs of the editor: the menu of kinds, and the course's library to choose from or upload to.
import { json } from "../api.js";
import { Resumable } from "../resumable.js";

const LOOK_SECONDS = 1;

// Resolves to a kind, or to null when the menu was closed.
export function chooseKind(menu) {
  const filter = menu.querySelector("[data-filter]");
  const kinds = [...menu.querySelectorAll("[data-kind]")];
  const show = () => {
    const wanted = filter.value.trim().toLocaleLowerCase();
    for (const each of kinds) each.parentElement.hidden = !each.textContent.toLocaleLowerCase().includes(wanted);
  };
  filter.value = "";
  show();
  return asked(menu, (answer, signal) => {
    filter.addEventListener("input", show, { signal });
    menu.addEventListener("click", (event) => {
      const kind = event.target.closest("[data-kind]")?.dataset.kind;
      if (kind) answer(kind);
    }, { signal });
    menu.addEventListener("keydown", (event) => {
      const open = kinds.filter((each) => !each.parentElement.hidden);
      const here = open.indexOf(document.activeElement);
      if (event.key === "Enter" && document.activeElement === filter && open.length) {
        event.preventDefault();
        answer(open[0].dataset.kind);
      } else if (event.key === "ArrowDown") {
        event.preventDefault();
        open[Math.min(here + 1, open.length - 1)]?.focus();
      } else if (event.key === "ArrowUp") {
        event.preventDefault();
        (open[here - 1] ?? filter).focus();
      }
    }, { signal });
  });
}

// Resolves to an item of the library ({ name, kind }) of the kind wanted, or to null.
export function chooseItem(dialog, course, wanted) {
  const list = dialog.querySelector("[data-items]");
  const more = dialog.querySelector("[data-more]");
  const said = dialog.querySelector("[data-progress]");
  const file = dialog.querySelector("input[type=file]");
  said.textContent = "";
  list.replaceChildren();
  return asked(dialog, (answer, signal) => {
    let cursor = "";
    const load = async () => {
      const found = await json("GET", `courses/${course}/media?limit=50&cursor=${encodeURIComponent(cursor)}`).catch((problem) => {
        said.textContent = problem.message;
        return { items: [], next_cursor: null };
      });
      list.append(...found.items.filter((item) => fits(item, wanted)).map((item) => entry(item, course, answer)));
      cursor = found.next_cursor ?? "";
      more.hidden = !cursor;
      dialog.querySelector("[data-none]").hidden = list.children.length > 0 || Boolean(cursor);
    };
    more.addEventListener("click", load, { signal });
    file.addEventListener("change", () => {
      const [chosen] = file.files;
      file.value = "";
      if (chosen) send(chosen, course, said, signal).then((item) => item && answer(item));
    }, { signal });
    load();
  });
}

function asked(dialog, begin) {
  return new Promise((resolve) => {
    const listening = new AbortController();
    const answer = (value) => {
      listening.abort();
      dialog.close();
      resolve(value);
    };
    dialog.addEventListener("close", () => answer(null), { signal: listening.signal });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-close]")) answer(null);
    }, { signal: listening.signal });
    begin(answer, listening.signal);
    dialog.showModal();
  });
}

function fits(item, wanted) {
  return item.state !== "failed" && (wanted === "file" ? item.kind !== "film" : item.kind === wanted);
}

function entry(item, course, answer) {
  const row = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  if (item.kind === "picture") {
    const image = document.createElement("img");
    Object.assign(image, { src: `/api/v1/courses/${course}/assets/${item.name}?w=320`, alt: "", loading: "lazy", width: item.width, height: item.height });
    button.append(image);
  }
  const name = document.createElement("span");
  name.textContent = item.name;
  button.append(name);
  button.addEventListener("click", () => answer(item));
  row.append(button);
  return row;
}

// Uploads a file and waits until it is in the library or refused.
async function send(file, course, said, signal) {
  const upload = new Resumable(course, file, ({ state, percent, text }) => {
    const words = { sending: said.dataset.saidSending, waiting: said.dataset.saidWaiting, sent: said.dataset.saidChecking };
    said.textContent = text ?? (words[state] ?? "").replace("%s", percent);
  });
  await upload.run();
  while (upload.id && !signal.aborted) {
    const found = await json("GET", `uploads/${upload.id}`).catch(() => null);
    if (found?.item_id) return json("GET", `media-items/${found.item_id}`);
    if (found?.reason) {
      said.textContent = found.reason;
      return null;
    }
    if (found && found.state !== "checking") return null;
    await new Promise((resolve) => setTimeout(resolve, LOOK_SECONDS * 1000));
  }
  return null;
}
