// From what a block says to its Markdown: the other direction of lms_core/content/text/editing.py.
const ALERTS = new Set(["note", "tip", "important", "warning", "caution"]);
const RULES = { left: ":--", center: ":-:", right: "--:", "": "---" };

export const WRITERS = {
  text: ({ text }) => trimmed(text),
  markdown: ({ text }) => trimmed(text),
  heading: ({ level, text }) => (text.trim() ? `${"#".repeat(level)} ${oneLine(text).replace(/(^|\s)(#+)$/, "$1\\$2")}` : ""),
  image: (fields) => shown("asset", fields),
  video: (fields) => shown("video", fields),
  embed: (fields) => shown("embed", fields),
  file: (fields) => linked("asset", fields),
  quiz: (fields) => linked("quiz", fields),
  assignment: (fields) => linked("assignment", fields),
  code: ({ language, code }) => {
    const fence = "`".repeat(Math.max(3, longest(code, /`+/g) + 1));
    return `${fence}${oneLine(language).replaceAll("`", "")}\n${code && `${code}\n`}${fence}`;
  },
  table: ({ header, align, rows }) => [header, null, ...rows].map((row) => line(row?.map(cell) ?? align.map((side) => RULES[side] ?? "---"))).join("\n"),
  callout: ({ form, kind, body }) => {
    if (form === "alert" && ALERTS.has(kind)) return [`> [!${kind.toUpperCase()}]`, ...trimmed(body).split("\n").map((text) => (text ? `> ${text}` : ">"))].join("\n");
    return `::: ${kind}\n\n${trimmed(body)}\n\n:::`;
  },
  exercise: ({ kind, question, solution }) => `:::: ${kind}\n\n${trimmed(question)}\n\n::: solution\n\n${trimmed(solution)}\n\n:::\n\n::::`,
  formula: ({ tex }) => {
    const said = tex.split("\n").filter((text) => text.trim()).join("\n").replaceAll("$$", "");
    return said && `$$\n${said}\n$$`;
  },
  // Dashes at the head of a text would begin its front matter.
  divider: () => "***",
};

const STARTERS = {
  text: { text: "" },
  markdown: { text: "" },
  heading: { level: 2, text: "" },
  code: { language: "", code: "" },
  table: { header: ["", ""], align: ["", ""], rows: [["", ""], ["", ""]] },
  callout: { form: "alert", kind: "note", body: "" },
  exercise: { kind: "exercise", question: "", solution: "" },
  formula: { tex: "" },
  divider: {},
};

export function write(kind, fields) {
  return WRITERS[kind](fields);
}

// What a new block of a kind says.
export function begun(kind) {
  return structuredClone(STARTERS[kind] ?? { label: "", target: "" });
}

function shown(scheme, fields) {
  const link = linked(scheme, fields);
  return link && `!${link}`;
}

function linked(scheme, { label, target }) {
  const address = target.trim().replaceAll("(", "%28").replaceAll(")", "%29").replace(/[\s<>"\\]/g, encodeURIComponent);
  return address && `[${oneLine(label).replace(/[[\]\\]/g, "\\$&")}](${scheme}:${address})`;
}

function line(cells) {
  return `| ${cells.join(" | ")} |`;
}

function cell(text) {
  return oneLine(text).replaceAll("|", "\\|");
}

function oneLine(text) {
  return text.replace(/\s*\n\s*/g, " ").trim();
}

function trimmed(text) {
  return text.replace(/^(?:[ \t]*\n)+/, "").trimEnd();
}

function longest(text, pattern) {
  return Math.max(0, ...(text.match(pattern) ?? []).map((found) => found.length));
}
