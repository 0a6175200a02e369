// Ordering: lines moved by buttons or dragged; the numbers they hide are the answer.
import { draggable } from "./dragging.js";

export function enhanceOrder(box) {
  const list = box.querySelector("[data-order]");
  const items = [...list.children];
  const shown = [...items];
  const text = (item) => item.querySelector("[data-item-text]").textContent.trim();
  const rank = (item) => item.querySelector("[data-answer-part]");
  const status = Object.assign(document.createElement("p"), { className: "visually-hidden" });
  status.role = "status";
  box.append(status);

  function draw() {
    const placed = items.every((item) => rank(item).value);
    const order = placed ? [...items].sort((one, other) => Number(rank(one).value) - Number(rank(other).value)) : shown;
    if (order.some((item, at) => list.children[at] !== item)) list.append(...order);
    [...list.children].forEach((item, at) => {
      item.querySelector('[data-move="-1"]').disabled = at === 0;
      item.querySelector('[data-move="1"]').disabled = at === items.length - 1;
    });
  }

  function put(item, before) {
    list.insertBefore(item, before);
    [...list.children].forEach((each, at) => (rank(each).value = at + 1));
    rank(item).dispatchEvent(new Event("input", { bubbles: true }));
    draw();
    const place = [...list.children].indexOf(item) + 1;
    status.textContent = list.dataset.saidPlace.replace("%(item)s", text(item)).replace("%(place)s", place);
  }

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const item = button.closest("[data-item]");
    const up = button.dataset.move === "-1";
    put(item, up ? item.previousElementSibling : (item.nextElementSibling?.nextElementSibling ?? null));
    const next = button.disabled ? item.querySelector("[data-move]:not(:disabled)") : button;
    next?.focus();
  });
  for (const item of items) {
    rank(item).hidden = true;
    item.querySelector("[data-moves]").hidden = false;
    const grip = item.querySelector("[data-grip]");
    grip.hidden = false;
    item.querySelector('[data-move="-1"]').ariaLabel = list.dataset.saidUp.replace("%s", text(item));
    item.querySelector('[data-move="1"]').ariaLabel = list.dataset.saidDown.replace("%s", text(item));
    draggable(grip, item, {
      onMove: (event) => {
        const other = [...list.children].find((each) => each !== item && event.clientY < middle(each));
        if ((other ?? null) !== item.nextElementSibling) list.insertBefore(item, other ?? null);
      },
      onDrop: () => put(item, item.nextElementSibling),
    });
  }
  box.querySelector("[data-plain-hint]").hidden = true;
  box.querySelector("[data-scripted-hint]").hidden = false;
  box.addEventListener("answer:written", draw);
  draw();
}

function middle(item) {
  const { top, height } = item.getBoundingClientRect();
  return top + height / 2;
}
