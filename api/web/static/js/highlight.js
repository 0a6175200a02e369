// Finding a quote on the page as people read it, and marking it, across elements when it spans them.
const NOT_READ = "script, style, .copy-code, .callout-title, .footnote-backref, annotation, [hidden]";
const BLOCKS = "p, li, td, th, tr, pre, h1, h2, h3, h4, h5, h6, dt, dd, blockquote, figcaption, summary, div, table";
const SHORTEST = 12;

// The text of `root` without white space or table bars, and for each character its node and offset.
function skeleton(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT, {
    acceptNode: (node) => (node.parentElement.closest(NOT_READ) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT),
  });
  const letters = [];
  const places = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.data;
    for (let offset = 0; offset < text.length; offset += 1) {
      if (ignored(text[offset])) continue;
      letters.push(text[offset]);
      places.push([walker.currentNode, offset]);
    }
  }
  return { text: letters.join(""), places };
}

function ignored(letter) {
  return letter === "|" || /\s/.test(letter);
}

// The quote as one Range, or null. A quote cut short in an address, or slightly changed since, is found by its start.
export function find(root, quote) {
  const { text, places } = skeleton(root);
  let wanted = [...quote].filter((letter) => !ignored(letter)).join("");
  let start = -1;
  while (wanted.length >= Math.min(SHORTEST, quote.length) && wanted.length > 0) {
    start = text.indexOf(wanted);
    if (start >= 0) break;
    wanted = wanted.slice(0, Math.floor(wanted.length * 0.8));
  }
  if (start < 0) return null;
  const range = document.createRange();
  const [last, lastOffset] = places[start + wanted.length - 1];
  range.setStart(...places[start]);
  range.setEnd(last, lastOffset + 1);
  return range;
}

export function clear(root) {
  globalThis.CSS?.highlights?.delete("citation");
  for (const mark of root.querySelectorAll("mark.citation")) mark.replaceWith(...mark.childNodes);
  root.normalize();
}

// Marks the quote and scrolls to it; answers whether it was found.
export function show(root, quote) {
  clear(root);
  const range = find(root, quote);
  if (!range) return false;
  for (let box = range.startContainer.parentElement.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  const first = range.startContainer.parentElement;
  if (globalThis.CSS?.highlights && globalThis.Highlight) CSS.highlights.set("citation", new Highlight(range));
  else wrap(range);
  const block = first.closest(BLOCKS) ?? first;
  block.tabIndex = -1;
  block.focus({ preventScroll: true });
  const top = range.getBoundingClientRect().top + window.scrollY - window.innerHeight * 0.3;
  window.scrollTo({ top, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" });
  return true;
}

// For browsers without the Custom Highlight API: a <mark> around each piece of text.
function wrap(range) {
  const pieces = [];
  const walker = document.createTreeWalker(range.commonAncestorContainer, NodeFilter.SHOW_TEXT);
  let node = range.commonAncestorContainer.nodeType === Node.TEXT_NODE ? range.commonAncestorContainer : walker.nextNode();
  for (; node; node = walker.nextNode()) {
    if (range.intersectsNode(node) && node.data.trim()) {
      const from = node === range.startContainer ? range.startOffset : 0;
      const to = node === range.endContainer ? range.endOffset : node.length;
      if (to > from) pieces.push([node, from, to]);
    }
  }
  for (const [text, from, to] of pieces) {
    const part = document.createRange();
    part.setStart(text, from);
    part.setEnd(text, to);
    const mark = document.createElement("mark");
    mark.className = "citation";
    part.surroundContents(mark);
  }
}
