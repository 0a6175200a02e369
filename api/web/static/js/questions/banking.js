// A question of a bank: added with its place, tags and status, or kept as the next version of what it was.
import { json } from "../api.js";

const words = (text) => text.split(",").map((tag) => tag.trim()).filter(Boolean);

export async function keepInBank(root, question, version) {
  const { bank, question: id, page } = root.dataset;
  const field = (name) => root.querySelector(`[data-with="${name}"]`);
  const note = field("note").value;
  if (id) {
    const kept = await json("PUT", `question-banks/${bank}/questions/${id}`, { base_version: version, question, note });
    field("note").value = "";
    root.querySelector("[data-version-number]").textContent = kept.version;
    return kept;
  }
  const place = { category_id: field("category").value || null, tags: words(field("tags").value), status: field("status").value };
  const made = await json("POST", `question-banks/${bank}/questions`, { question, note, ...place });
  // Nothing is lost by leaving: what was typed is kept.
  setTimeout(() => location.assign(`${page}/${made.id}`), 0);
  return made;
}
