// One answer on the page: its text as it grows, its citations, its tools.
import { json } from "./api.js";
import { render } from "./markdown.js";
import { toast } from "./toast.js";

const QUOTE_IN_ADDRESS = 400;
const OPEN_SOURCES = 3;

export function passageAddress(citation) {
  const quote = encodeURIComponent(citation.quote.slice(0, QUOTE_IN_ADDRESS));
  const anchor = citation.anchor ? `#${encodeURIComponent(citation.anchor)}` : "";
  return `/lessons/${citation.lesson_id}?quote=${quote}${anchor}`;
}

export class AnswerBox {
  #frame = 0;

  constructor(place, root) {
    this.place = place;
    this.root = root;
    this.said = root.dataset;
    this.text = "";
    this.citations = new Map();
    this.prose = document.createElement("div");
    this.prose.className = "prose";
    this.prose.dir = "auto";
    this.place.ariaBusy = "true";
    this.place.replaceChildren(this.shape("thinking"), this.prose);
  }

  shape(name) {
    return this.root.querySelector(`template[data-shape="${name}"]`).content.cloneNode(true);
  }

  add(token) {
    this.text += token;
    this.#later();
  }

  cite(citation) {
    this.citations.set(citation.number, citation);
    this.#later();
  }

  clear() {
    this.text = "";
    this.citations.clear();
    this.#later();
  }

  // `view` is the finished answer, as the JSON routes give it.
  finish(view) {
    cancelAnimationFrame(this.#frame);
    this.text = view.answer;
    this.citations = new Map(view.citations.map((citation) => [citation.number, citation]));
    this.place.dataset.answer = view.id;
    this.place.classList.toggle("refused", view.status === "refused");
    const failed = view.status === "failed" && !view.answer;
    if (failed) this.text = this.said.saidFailed;
    this.#draw();
    const parts = [this.prose];
    if (view.approved_by) parts.unshift(this.#approved(view.approved_by));
    else if (view.status === "refused") parts.unshift(this.#badge(this.said.saidRefused));
    if (view.status === "stopped") parts.push(paragraph(this.said.saidStopped));
    for (const note of view.notes) if (note.code !== "approved") parts.push(paragraph(note.text));
    if (this.citations.size) parts.push(this.#sources());
    if (view.suggestions.length) parts.push(this.#suggestions(view.suggestions));
    if (!failed) parts.push(this.#tools(view));
    this.place.replaceChildren(...parts);
    this.place.ariaBusy = "false";
  }

  fail(message) {
    cancelAnimationFrame(this.#frame);
    this.place.replaceChildren(paragraph(message));
    this.place.ariaBusy = "false";
  }

  #later() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.place.querySelector(".thinking")?.remove();
    this.prose.replaceChildren(render(this.text, (number) => this.#mark(number)));
    this.place.dispatchEvent(new CustomEvent("grown", { bubbles: true }));
  }

  #mark(number) {
    const citation = this.citations.get(number);
    if (!citation) return null;
    const link = document.createElement("a");
    link.className = "cite";
    link.href = passageAddress(citation);
    link.dataset.cite = number;
    link.ariaLabel = this.said.saidSource.replace("%s", number);
    link.textContent = number;
    return link;
  }

  #sources() {
    const box = Object.assign(document.createElement("details"), { className: "sources" });
    box.open = this.citations.size <= OPEN_SOURCES;
    box.append(Object.assign(document.createElement("summary"), { textContent: `${this.said.saidSources} (${this.citations.size})` }));
    const cards = Object.assign(document.createElement("div"), { className: "citations" });
    for (const citation of this.citations.values()) cards.append(this.#card(citation));
    box.append(cards);
    return box;
  }

  #card(citation) {
    const card = document.createElement("a");
    card.className = "citation";
    card.href = passageAddress(citation);
    card.dataset.card = citation.number;
    const number = Object.assign(document.createElement("span"), { className: "cite number", textContent: citation.number });
    number.ariaHidden = "true";
    const where = Object.assign(document.createElement("span"), { className: "where" });
    where.append(...path(citation.heading_path, this.said.saidPath));
    if (citation.page !== null) where.append(` · ${this.said.saidPage.replace("%s", citation.page)}`);
    const quote = Object.assign(document.createElement("span"), { className: "quote", textContent: `“${citation.quote}”`, dir: "auto" });
    card.append(number, where, quote);
    return card;
  }

  #suggestions(near) {
    const box = document.createElement("div");
    box.className = "suggestions";
    box.append(paragraph(this.said.saidNear));
    for (const each of near) {
      const link = document.createElement("a");
      link.className = "chip";
      link.href = `/lessons/${each.lesson_id}${each.anchor ? `#${encodeURIComponent(each.anchor)}` : ""}`;
      link.textContent = each.heading ? `${each.lesson_title} › ${each.heading}` : each.lesson_title;
      box.append(link);
    }
    return box;
  }

  #approved(author) {
    const mark = this.shape("approved");
    mark.querySelector("[data-author]").textContent = author;
    return mark;
  }

  #badge(text) {
    const line = Object.assign(document.createElement("p"), { className: "answer-mark" });
    line.append(Object.assign(document.createElement("span"), { className: "badge", textContent: text }));
    return line;
  }

  #tools(view) {
    const tools = this.shape("tools").firstElementChild;
    const spent = view.timings_ms.total ?? Object.values(view.timings_ms).reduce((most, each) => Math.max(most, each), 0);
    if (spent) tools.querySelector(".spent").textContent = this.said.saidSeconds.replace("%s", (spent / 1000).toFixed(spent < 950 ? 2 : 1));
    prepareTools(tools, { id: view.id, helpful: view.helpful, root: this.root, copy: () => copied(this.prose, this.citations) });
    return tools;
  }
}

// Copy, thumbs and the reason, on an answer drawn here or by the server.
export function prepareTools(tools, { id, helpful, root, copy }) {
  const up = tools.querySelector('[data-do="helpful"]');
  const down = tools.querySelector('[data-do="unhelpful"]');
  const press = (value) => {
    up.ariaPressed = String(value === true);
    down.ariaPressed = String(value === false);
  };
  press(helpful);
  tools.querySelector('[data-do="copy"]').addEventListener("click", async () => {
    await navigator.clipboard.writeText(copy());
    toast(root.dataset.saidCopied);
  });
  const rate = async (value, reason = "") => {
    try {
      await json("POST", `answers/${id}/feedback`, { helpful: value, reason });
      press(value);
      if (value || reason) toast(root.dataset.saidThanks);
    } catch (error) {
      toast(error.message);
    }
  };
  up.addEventListener("click", () => rate(true));
  down.addEventListener("click", async () => {
    await rate(false);
    askWhy(tools, root, (reason) => rate(false, reason));
  });
}

function askWhy(tools, root, send) {
  if (tools.nextElementSibling?.classList.contains("reason")) return;
  const form = root.querySelector('template[data-shape="reason"]').content.cloneNode(true).firstElementChild;
  const input = form.querySelector("input");
  input.id = `reason-${Math.random().toString(36).slice(2)}`;
  form.querySelector("label").htmlFor = input.id;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (input.value.trim()) await send(input.value.trim());
    form.remove();
  });
  tools.after(form);
  input.focus();
}

function copied(prose, citations) {
  const clone = prose.cloneNode(true);
  for (const mark of clone.querySelectorAll(".cite")) mark.textContent = `[${mark.textContent}]`;
  for (const block of clone.querySelectorAll("p, li, pre, tr, h3, h4")) block.append("\n");
  const sources = [...citations.values()].map((each) => `[${each.number}] ${each.lesson_title}: “${each.quote}”`);
  return [clone.textContent.trim(), ...sources].join("\n");
}

// Course › lesson › headings: the signs between them are for the eye, the words before them for screen readers.
function path(names, said) {
  const hidden = (text) => Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: text });
  const parts = [hidden(`${said} `)];
  names.forEach((name, place) => {
    if (place) {
      const sign = Object.assign(document.createElement("span"), { textContent: " › " });
      sign.ariaHidden = "true";
      parts.push(sign, hidden(", "));
    }
    parts.push(Object.assign(document.createElement("span"), { textContent: name, dir: "auto", className: place === 1 ? "lesson" : "" }));
  });
  return parts;
}

function paragraph(text) {
  return Object.assign(document.createElement("p"), { className: "small muted", textContent: text });
}
