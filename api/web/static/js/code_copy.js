// Code in a lesson can be copied with one press.
import { toast } from "./toast.js";

export function copyButtons(text) {
  for (const block of text.querySelectorAll("pre")) {
    const box = document.createElement("div");
    box.className = "code-box";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small quiet copy-code";
    button.textContent = text.dataset.copy;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.textContent);
      toast(text.dataset.copied);
    });
    block.replaceWith(box);
    block.tabIndex = 0;
    box.append(block, button);
  }
}
