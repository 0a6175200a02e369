// Dragging by pointer, alike for mouse, pen and finger: a copy follows, and `onDrop` hears over what it was let go.
const FAR = 6; // pixels before a press becomes a drag, so that a tap stays a tap

export function draggable(handle, subject, { onMove = () => {}, onDrop = () => {} }) {
  handle.addEventListener("pointerdown", (down) => {
    if (down.button !== 0) return;
    let ghost = null;
    const move = (event) => {
      if (!ghost && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < FAR) return;
      ghost ??= lift(subject);
      ghost.style.translate = `${event.clientX - down.clientX}px ${event.clientY - down.clientY}px`;
      onMove(event);
    };
    const end = (event) => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      if (!ghost) return;
      ghost.remove();
      subject.classList.remove("dragged");
      // The click that ends a drag chooses nothing.
      addEventListener("click", swallow, { capture: true });
      setTimeout(() => removeEventListener("click", swallow, { capture: true }), 0);
      if (event.type === "pointerup") onDrop(document.elementFromPoint(event.clientX, event.clientY));
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  });
}

function swallow(click) {
  click.stopPropagation();
}

function lift(subject) {
  const { left, top, width } = subject.getBoundingClientRect();
  const ghost = subject.cloneNode(true);
  for (const named of ghost.querySelectorAll("[id], [name], [data-answer-part]")) ["id", "name", "data-answer-part"].forEach((name) => named.removeAttribute(name));
  ghost.classList.add("drag-ghost");
  ghost.ariaHidden = "true";
  Object.assign(ghost.style, { left: `${left}px`, top: `${top}px`, width: `${width}px` });
  document.body.append(ghost);
  subject.classList.add("dragged");
  return ghost;
}
