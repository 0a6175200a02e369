// What scripts add to answering: dragging, moving, placing. The controls in the page hold the answer, with or without.
import { enhanceBank } from "./drag_text.js";
import { enhanceHotspot } from "./hotspot.js";
import { enhanceOrder } from "./ordering.js";
import { enhanceUpload } from "./upload.js";

const ENHANCE = { ordering: enhanceOrder, drag_text: enhanceBank, hotspot: enhanceHotspot, upload: enhanceUpload };

export function enhance(box, attempt) {
  ENHANCE[box.dataset.type]?.(box, attempt);
}
