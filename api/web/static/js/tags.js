// Tags that are used already, offered for the word being typed: a combobox as the ARIA practices describe it.
import { json } from "./api.js";

const WAIT_MS = 150;

for (const field of document.querySelectorAll("[data-tags]")) start(field);

function start(field) {
  const input = field.querySelector("input");
  const list = document.createElement("ul");
  const told = document.createElement("span");
  let options = [];
  let chosen = -1;
  let timer = 0;
  list.className = "suggestions";
  list.id = `${input.id}-suggestions`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.dataset.label);
  told.className = "visually-hidden";
  told.setAttribute("role", "status");
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  input.autocomplete = "off";
  field.append(list, told);

  const names = () => input.value.split(",").map((name) => name.trim());

  function close() {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function take(name) {
    const kept = names().slice(0, -1);
    input.value = `${[...kept, name].join(", ")}, `;
    close();
    input.focus();
  }

  function mark(place) {
    chosen = (place + options.length) % options.length;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", at === chosen));
    input.setAttribute("aria-activedescendant", list.children[chosen].id);
  }

  function show(found) {
    const known = new Set(names().slice(0, -1).map((name) => name.toLowerCase()));
    options = found.filter(({ name }) => !known.has(name.toLowerCase()));
    list.replaceChildren(
      ...options.map(({ name, courses }, at) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${at}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        const number = document.createElement("span");
        number.className = "muted small";
        number.textContent = courses;
        option.append(name, number);
        // Before the field loses its focus and the list closes.
        option.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          take(name);
        });
        return option;
      }),
    );
    if (!options.length) return close();
    list.hidden = false;
    chosen = -1;
    input.setAttribute("aria-expanded", "true");
    told.textContent = field.dataset.said.replace("%s", options.length);
  }

  async function ask() {
    const typed = names().at(-1);
    if (!typed) return close();
    const found = await json("GET", `tags/suggestions?${new URLSearchParams({ q: typed })}`).catch(() => []);
    if (typed === names().at(-1)) show(found);
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") mark(chosen + 1);
    else if (event.key === "ArrowUp") mark(chosen < 0 ? options.length - 1 : chosen - 1);
    else if (event.key === "Enter" && chosen >= 0) take(options[chosen].name);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
}
