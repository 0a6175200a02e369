// A lesson's text as blocks: { lead, blocks }, each block { id, kind, source, after, fields, html }. Nothing here knows
// the page. `lead`, then `source` and `after` of every block, joined are the text: what is not edited stays as it was.
const APART = /\n[ \t]*\r?\n[ \t]*$|\r[ \t]*\r[ \t]*$/;
const MOST_STEPS = 200;

let last = 0;

export function newId() {
  last += 1;
  return `b${last}`;
}

export function opened({ lead, blocks }) {
  return { lead, blocks: blocks.map((block) => ({ ...block, id: newId() })) };
}

// A block without a source is not written yet: it takes no room in the text.
export function join({ lead, blocks }) {
  return lead + blocks.filter((block) => block.source).map((block) => block.source + block.after).join("");
}

export function indexOf({ blocks }, id) {
  return blocks.findIndex((block) => block.id === id);
}

export function inserted(doc, index, block) {
  return arranged(doc, doc.blocks.toSpliced(index, 0, block));
}

export function removed(doc, id) {
  return arranged(doc, doc.blocks.filter((block) => block.id !== id));
}

export function moved(doc, id, to) {
  const from = indexOf(doc, id);
  const place = Math.max(0, Math.min(doc.blocks.length - 1, to));
  if (from === place) return doc;
  return arranged(doc, doc.blocks.toSpliced(from, 1).toSpliced(place, 0, doc.blocks[from]));
}

export function duplicated(doc, id) {
  const index = indexOf(doc, id);
  return inserted(doc, index + 1, { ...doc.blocks[index], id: newId() });
}

// The block says something else, or has become several.
export function replaced(doc, id, ...blocks) {
  const index = indexOf(doc, id);
  return arranged(doc, doc.blocks.toSpliced(index, 1, ...blocks));
}

// Blocks that stand beside each other for the first time get an empty line between them; all others keep theirs.
function arranged(before, blocks) {
  const written = (list) => list.filter((block) => block.source);
  const neighbours = new Set(written(before.blocks).map((block, index, all) => `${block.id} ${all[index + 1]?.id ?? ""}`));
  const now = written(blocks);
  const apart = new Map(now.map((block, index) => {
    const next = now[index + 1];
    const known = !next || neighbours.has(`${block.id} ${next.id}`);
    return [block.id, known || APART.test(block.after) ? block.after : "\n\n"];
  }));
  return { ...before, blocks: blocks.map((block) => (apart.has(block.id) && apart.get(block.id) !== block.after ? { ...block, after: apart.get(block.id) } : block)) };
}

// What was, what is, and what was undone.
export class History {
  constructor(doc) {
    this.doc = doc;
    this.past = [];
    this.future = [];
  }

  // A change to come back to.
  push(doc) {
    if (doc === this.doc) return;
    this.past = [...this.past.slice(1 - MOST_STEPS), this.doc];
    this.future = [];
    this.doc = doc;
  }

  // A change that goes with the step before it.
  amend(doc) {
    this.doc = doc;
  }

  undo() {
    if (!this.past.length) return false;
    this.future = [this.doc, ...this.future];
    this.doc = this.past.at(-1);
    this.past = this.past.slice(0, -1);
    return true;
  }

  redo() {
    if (!this.future.length) return false;
    this.past = [...this.past, this.doc];
    [this.doc, ...this.future] = this.future;
    return true;
  }
}
