// The Markdown of answers as DOM nodes, while it streams. Text never becomes markup: nodes are built, not parsed.
const INLINE = /(`+)([^`]|[^`].*?[^`])\1(?!`)|\*\*(.+?)\*\*|(?<![\w*])\*([^*\s][^*]*?)\*(?![\w*])|(?<!\\)\[(\d{1,3})\]|\[([^\]]+)\]\(([^()\s]+)\)|\\([\\`*_{}[\]()#+\-.!|<>$])/g;
const LIST = /^(\s*)([-*+]|\d{1,3}[.)])\s+(.*)$/;
const TABLE_LINE = /^\s*\|?[\s:|-]*-[\s:|-]*\|[\s:|-]*$/;

export function render(markdown, cite) {
  const fragment = document.createDocumentFragment();
  const lines = markdown.split("\n");
  let at = 0;
  while (at < lines.length) at = block(lines, at, fragment, cite);
  return fragment;
}

function block(lines, at, into, cite) {
  const line = lines[at];
  if (!line.trim()) return at + 1;
  const fence = /^\s*(`{3,}|~{3,})\s*([\w+-]*)/.exec(line);
  if (fence) return code(lines, at, fence[1], into);
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (heading) {
    into.append(filled(element(`h${Math.min(6, heading[1].length + 2)}`), heading[2], cite));
    return at + 1;
  }
  if (LIST.test(line)) return list(lines, at, into, cite);
  if (line.includes("|") && TABLE_LINE.test(lines[at + 1] ?? "")) return table(lines, at, into, cite);
  if (/^\s*>/.test(line)) return quote(lines, at, into, cite);
  return paragraph(lines, at, into, cite);
}

function code(lines, at, fence, into) {
  const end = lines.findIndex((line, index) => index > at && line.trim().startsWith(fence));
  const last = end < 0 ? lines.length : end;
  const box = element("pre");
  box.append(element("code", lines.slice(at + 1, last).join("\n") + "\n"));
  into.append(box);
  return last + 1;
}

function list(lines, at, into, cite) {
  const [, indent, first] = LIST.exec(lines[at]);
  const made = element(/\d/.test(first) ? "ol" : "ul");
  if (/\d/.test(first)) made.start = Number.parseInt(first, 10);
  into.append(made);
  while (at < lines.length) {
    const item = LIST.exec(lines[at]);
    if (item && item[1].length < indent.length) break;
    if (item && item[1].length > indent.length + 1 && made.lastChild) {
      at = list(lines, at, made.lastChild, cite);
    } else if (item) {
      made.append(filled(element("li"), item[3], cite));
      at += 1;
    } else if (/^\s+\S/.test(lines[at]) && made.lastChild) {
      const before = at;
      at = block(lines.map((line, index) => (index >= at ? line.replace(/^\s{1,4}/, "") : line)), at, made.lastChild, cite);
      if (at === before) break;
    } else if (!lines[at].trim() && LIST.test(lines[at + 1] ?? "")) {
      at += 1;
    } else break;
  }
  return at;
}

function table(lines, at, into, cite) {
  const made = element("table");
  const row = (line, cell) => {
    const line2 = line.trim().replace(/^\||\|$/g, "");
    const cells = element("tr");
    for (const text of line2.split(/(?<!\\)\|/)) cells.append(filled(element(cell), text.trim(), cite));
    return cells;
  };
  const head = element("thead");
  head.append(row(lines[at], "th"));
  const body = element("tbody");
  at += 2;
  while (at < lines.length && lines[at].includes("|")) body.append(row(lines[at++], "td"));
  made.append(head, body);
  const box = element("div"); // a wide table scrolls in its place, for a keyboard too
  box.className = "table-scroll";
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", [...head.querySelectorAll("th")].map((cell) => cell.textContent).join(", "));
  box.append(made);
  into.append(box);
  return at;
}

function quote(lines, at, into, cite) {
  const inner = [];
  while (at < lines.length && /^\s*>/.test(lines[at])) inner.push(lines[at++].replace(/^\s*> ?/, ""));
  const made = element("blockquote");
  made.append(render(inner.join("\n"), cite));
  into.append(made);
  return at;
}

function paragraph(lines, at, into, cite) {
  const text = [];
  const starts = /^\s*(`{3,}|~{3,}|#{1,6}\s|>)/;
  while (at < lines.length && lines[at].trim() && !(text.length && (starts.test(lines[at]) || LIST.test(lines[at])))) {
    text.push(lines[at++]);
  }
  into.append(filled(element("p"), text.join("\n"), cite));
  return at;
}

function filled(into, text, cite) {
  let last = 0;
  for (const found of text.matchAll(INLINE)) {
    into.append(text.slice(last, found.index));
    const [whole, , source, bold, italic, number, linked, target, escaped] = found;
    if (source !== undefined) into.append(element("code", source.trim() || source));
    else if (bold !== undefined) into.append(filled(element("strong"), bold, cite));
    else if (italic !== undefined) into.append(filled(element("em"), italic, cite));
    else if (number !== undefined) into.append(cite(Number(number)) ?? whole);
    else if (escaped !== undefined) into.append(escaped);
    else into.append(link(linked, target, cite));
    last = found.index + whole.length;
  }
  into.append(text.slice(last));
  return into;
}

function link(text, target, cite) {
  if (!/^(https?:\/\/|\/(?!\/)|#)/.test(target)) return document.createTextNode(text);
  const made = filled(element("a"), text, cite);
  made.href = target;
  if (target.startsWith("http")) made.rel = "noopener noreferrer";
  return made;
}

function element(name, text = "") {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  return made;
}
