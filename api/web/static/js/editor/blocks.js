// The list of blocks: shown as learners see them, edited in place, moved, added, deleted, undone.
import { Problem, json } from "../api.js";
import { toast } from "../toast.js";
import { chooseKind } from "./chooser.js";
import { History, duplicated, indexOf, inserted, join, moved, newId, opened, removed, replaced } from "./document.js";
import { fill, show } from "./forms.js";
import { begun, write } from "./writing.js";

const SEEN = "img, hr, math, table, input, .math-block, a";

export class Blocks {
  // `changed(text)` hears the whole text after every change.
  constructor(place, { words, course, changed }) {
    this.place = place;
    this.list = place.querySelector("[data-blocks]");
    this.said = place.querySelector("[data-said]");
    this.menu = document.querySelector("[data-menu]");
    this.words = words;
    this.course = course;
    this.changed = changed;
    this.rows = new Map();
    this.editing = null;
    this.history = new History({ lead: "", blocks: [] });
    this.queue = Promise.resolve();
    this.listen();
  }

  async open(text) {
    this.history = new History(opened(await json("POST", "lessons/blocks", { body: text, course: this.course })));
    this.editing = null;
    this.rows.clear();
    this.draw();
  }

  get doc() {
    return this.history.doc;
  }

  block(id) {
    return this.doc.blocks[indexOf(this.doc, id)];
  }

  // One thing after the other: a block that is being left is read by the server first.
  run(work) {
    this.queue = this.queue.then(work).catch((problem) => toast(problem.message));
    return this.queue;
  }

  change(doc) {
    this.history.push(doc);
    this.draw();
    this.changed(join(this.doc));
  }

  listen() {
    this.list.addEventListener("click", (event) => this.click(event));
    this.list.addEventListener("keydown", (event) => this.key(event));
    addEventListener("online", () => this.run(() => this.readAgain()));
    this.place.querySelector("[data-add-last]").addEventListener("click", () => this.run(() => this.add(this.doc.blocks.length)));
    this.list.addEventListener("pointerdown", (event) => {
      const row = event.target.closest("[data-grip]")?.closest(".block");
      if (row) row.draggable = true;
    });
    this.list.addEventListener("dragstart", (event) => {
      this.dragged = event.target.closest?.(".block");
      this.dragged?.classList.add("dragging");
      event.dataTransfer.effectAllowed = "move";
    });
    this.list.addEventListener("dragover", (event) => {
      if (!this.dragged) return;
      event.preventDefault();
      this.mark(this.below(event.clientY));
    });
    this.list.addEventListener("drop", (event) => {
      event.preventDefault();
      if (this.dragged) this.drop(this.dragged.dataset.id, this.below(event.clientY)?.dataset.id);
    });
    this.list.addEventListener("dragend", () => {
      this.dragged?.classList.remove("dragging");
      if (this.dragged) this.dragged.draggable = false;
      this.dragged = null;
      this.mark(null);
    });
  }

  click(event) {
    const row = event.target.closest(".block");
    if (!row) return;
    const { id } = row.dataset;
    const what = event.target.closest("[data-do]")?.dataset.do;
    if (what) this.run(() => this.perform(what, id));
    else if (event.target.closest("[data-view]") && !event.target.closest("summary")) {
      event.preventDefault();
      this.run(() => this.edit(id));
    }
  }

  key(event) {
    const row = event.target.closest(".block");
    const field = event.target.closest("input, textarea, select");
    const step = { ArrowUp: "up", ArrowDown: "down" }[event.key];
    if (row && event.altKey && step) {
      event.preventDefault();
      this.run(() => this.perform(step, row.dataset.id));
    } else if (event.key === "Escape" && row && this.editing) {
      this.run(() => this.perform("done", row.dataset.id));
    } else if (event.key === "Enter" && field?.tagName === "INPUT") {
      event.preventDefault(); // or the lesson's form would be sent
    } else if (!field && (event.ctrlKey || event.metaKey) && "zy".includes(event.key.toLowerCase())) {
      event.preventDefault();
      this.back(event.key.toLowerCase() === "y" || event.shiftKey ? "redo" : "undo");
    }
  }

  async perform(what, id) {
    if (what === "edit") return this.edit(id);
    await this.finish();
    const index = indexOf(this.doc, id);
    if (what === "add") return this.add(index + 1);
    if (index < 0) return this.place.querySelector("[data-add-last]").focus();
    if (what === "up" || what === "down") this.move(id, index + (what === "up" ? -1 : 1));
    if (what === "duplicate") {
      this.change(duplicated(this.doc, id));
      this.focus(index + 1);
    }
    if (what === "remove") {
      this.change(removed(this.doc, id));
      this.said.textContent = this.words.saidRemoved;
      this.focus(Math.min(index, this.doc.blocks.length - 1));
    }
    if (what === "done") this.focus(index);
    if (what === "up" || what === "down") {
      const tools = this.rows.get(id);
      tools.querySelector(`[data-do="${what}"]`).focus();
      // At the first and last place that button can do nothing, and would lose the focus to the page.
      if (!tools.contains(document.activeElement)) tools.querySelector('[data-do="edit"]:not([hidden]), [data-do]:enabled').focus();
    }
  }

  move(id, to) {
    this.change(moved(this.doc, id, to));
    const place = String(indexOf(this.doc, id) + 1);
    this.said.textContent = this.words.saidMoved.replace("%p", place).replace("%a", this.doc.blocks.length);
  }

  drop(id, beforeId) {
    this.run(async () => {
      await this.finish();
      const from = indexOf(this.doc, id);
      const to = beforeId ? indexOf(this.doc, beforeId) : this.doc.blocks.length;
      if (from >= 0 && to >= 0) this.move(id, to > from ? to - 1 : to);
    });
  }

  async add(index) {
    await this.finish();
    const kind = await chooseKind(this.menu);
    if (!kind) return;
    const fields = begun(kind);
    const id = newId();
    this.change(inserted(this.doc, index, { id, kind, fields, source: kind === "divider" ? write(kind, fields) : "", after: "", html: kind === "divider" ? "<hr>" : "" }));
    if (kind === "divider") this.focus(index);
    else await this.edit(id);
  }

  // Opens the form of a block in its place.
  async edit(id) {
    if (this.editing?.id === id) return;
    await this.finish();
    const block = this.block(id);
    const row = this.rows.get(id);
    if (!block || block.kind === "divider") return;
    this.editing = { id, before: this.doc };
    row.classList.add("editing");
    row.querySelector("[data-view]").hidden = true;
    const form = row.querySelector("[data-form]");
    form.hidden = false;
    fill(form, block, { words: this.words, course: this.course, changed: (fields) => this.typed(id, fields), slash: () => this.run(() => this.swap(id)) });
  }

  typed(id, fields) {
    const block = this.block(id);
    const source = write(block.kind, fields);
    this.history.amend(replaced(this.doc, id, { ...block, fields: structuredClone(fields), source }));
    this.changed(join(this.doc));
    return source;
  }

  // An empty text becomes a block of another kind.
  async swap(id) {
    const index = indexOf(this.doc, id);
    this.close();
    const kind = await chooseKind(this.menu);
    const block = { ...this.block(id), kind: kind ?? "text", fields: begun(kind ?? "text"), source: kind === "divider" ? write(kind, {}) : "", html: kind === "divider" ? "<hr>" : "" };
    this.change(replaced(this.doc, id, block));
    if (kind === "divider") this.focus(index);
    else await this.edit(id);
  }

  close() {
    const row = this.rows.get(this.editing?.id);
    this.editing = null;
    if (!row) return;
    row.classList.remove("editing");
    row.querySelector("[data-view]").hidden = false;
    row.querySelector("[data-form]").replaceChildren();
    row.querySelector("[data-form]").hidden = true;
  }

  // Leaves the form: the server reads what was written, which may have become several blocks, or none.
  async finish() {
    if (!this.editing) return;
    const { id, before } = this.editing;
    this.close();
    const block = this.block(id);
    const old = before.blocks[indexOf(before, id)];
    if (block.source === old.source && block.source) return;
    const made = block.source.trim() ? await this.read(block) : [];
    const after = made.length ? replaced(this.doc, id, ...made) : removed(this.doc, id);
    this.history.amend(before);
    this.change(after);
  }

  // What the server makes of a block; without it the block is shown as it is written, and read once there is a connection.
  async read(block) {
    const found = await json("POST", "lessons/blocks", { body: block.source, course: this.course }).catch((problem) => {
      if (problem instanceof Problem) toast(problem.message);
      return { blocks: [{ ...block, html: "", unread: true }] };
    });
    return found.blocks.map((each, index, all) => ({ ...each, id: index ? newId() : block.id, after: index + 1 < all.length ? each.after : block.after }));
  }

  async readAgain() {
    for (const block of this.doc.blocks.filter((each) => each.unread && each.id !== this.editing?.id)) {
      this.history.amend(replaced(this.doc, block.id, ...(await this.read(block))));
    }
    this.draw();
  }

  async back(how) {
    await this.run(async () => {
      await this.finish();
      if (!this.history[how]()) return;
      this.draw();
      this.changed(join(this.doc));
    });
  }

  focus(index) {
    const row = this.rows.get(this.doc.blocks[index]?.id);
    (row?.querySelector('[data-do="edit"]') ?? this.place.querySelector("[data-add-last]")).focus();
  }

  draw() {
    const wanted = new Set(this.doc.blocks.map((block) => block.id));
    for (const [id, row] of this.rows) {
      if (wanted.has(id)) continue;
      row.remove();
      this.rows.delete(id);
    }
    const focused = document.activeElement;
    for (const [index, block] of this.doc.blocks.entries()) {
      const row = this.rows.get(block.id) ?? this.row(block.id);
      this.view(row, block, index);
      if (this.list.children[index] !== row) this.list.insertBefore(row, this.list.children[index] ?? null);
    }
    if (focused?.isConnected && document.activeElement !== focused) focused.focus();
    for (const each of [...this.list.children].slice(this.doc.blocks.length)) each.remove();
    const bar = document.querySelector("[data-editor-bar]");
    bar.querySelector("[data-undo]").disabled = !this.history.past.length;
    bar.querySelector("[data-redo]").disabled = !this.history.future.length;
  }

  row(id) {
    const row = document.querySelector("[data-block-template]").content.firstElementChild.cloneNode(true);
    row.dataset.id = id;
    this.rows.set(id, row);
    return row;
  }

  view(row, block, index) {
    const name = this.menu.querySelector(`[data-kind="${block.kind}"]`).dataset.name;
    row.querySelector("[data-kind-name]").textContent = name;
    row.querySelector(".block-tools").ariaLabel = `${name} ${index + 1}`;
    row.querySelector('[data-do="edit"]').hidden = block.kind === "divider";
    row.querySelector('[data-do="up"]').disabled = index === 0;
    row.querySelector('[data-do="down"]').disabled = index === this.doc.blocks.length - 1;
    if (row.shown === block.html && row.source === block.source) return;
    [row.shown, row.source] = [block.html, block.source];
    const view = row.querySelector("[data-view]");
    show(view, block.html);
    if (view.textContent.trim() || view.querySelector(SEEN)) return;
    const said = document.createElement(block.source ? "pre" : "p");
    said.textContent = block.source || this.words.saidEmpty;
    if (block.source) said.tabIndex = 0; // it may have to be scrolled
    view.replaceChildren(said);
  }

  below(y) {
    return [...this.list.children].find((row) => {
      const box = row.getBoundingClientRect();
      return row !== this.dragged && y < box.top + box.height / 2;
    });
  }

  mark(row) {
    for (const each of this.list.querySelectorAll(".drop-before")) each.classList.remove("drop-before");
    row?.classList.add("drop-before");
  }
}
