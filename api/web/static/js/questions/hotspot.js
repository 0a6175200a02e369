// Hotspot: pins put on a picture by pointer or arrow keys. The numbers in the page are the answer.
const STEP = 0.01;
const LARGE_STEP = 0.05;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function enhanceHotspot(box) {
  const root = box.querySelector("[data-hotspot]");
  const picture = root.querySelector("[data-picture]");
  const markers = [...root.querySelectorAll("[data-marker]")];
  const field = (id) => root.querySelector(`[data-answer-part="${id}"]`);
  const status = Object.assign(document.createElement("p"), { className: "visually-hidden" });
  status.role = "status";
  root.append(status);
  let chosen = markers[0].dataset.marker;

  function choose(id) {
    chosen = id;
    for (const marker of markers) marker.ariaPressed = String(marker.dataset.marker === id);
    draw();
  }

  function draw() {
    for (const marker of markers) {
      const id = marker.dataset.marker;
      const pin = root.querySelector(`[data-pin="${id}"]`);
      const point = field(id).validity.valid ? field(id).value : "";
      const [x, y] = point.split(",");
      pin.classList.toggle("placed", Boolean(point));
      pin.classList.toggle("chosen", id === chosen);
      marker.classList.toggle("placed", Boolean(point));
      pin.setAttribute("x", `${(Number(x) || 0) * 100}%`);
      pin.setAttribute("y", `${(Number(y) || 0) * 100}%`);
    }
  }

  function put(x, y) {
    const inside = (at) => String(Math.round(Math.min(1, Math.max(0, at)) * 1000) / 1000);
    field(chosen).value = `${inside(x)},${inside(y)}`;
    field(chosen).dispatchEvent(new Event("input", { bubbles: true }));
    draw();
    const label = markers.find((marker) => marker.dataset.marker === chosen).lastChild.textContent.trim();
    const percent = (at) => Math.round(Number(inside(at)) * 100);
    status.textContent = root.dataset.saidAt.replace("%(marker)s", label).replace("%(x)s", percent(x)).replace("%(y)s", percent(y));
  }

  for (const marker of markers) marker.addEventListener("click", () => choose(marker.dataset.marker));
  function follow(event) {
    const { left, top, width, height } = picture.getBoundingClientRect();
    put((event.clientX - left) / width, (event.clientY - top) / height);
  }
  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const pin = event.target.closest("[data-pin]");
    if (pin) choose(pin.dataset.pin);
    else follow(event);
    picture.setPointerCapture(event.pointerId);
    picture.addEventListener("pointermove", follow);
  });
  for (const over of ["pointerup", "pointercancel"]) picture.addEventListener(over, () => picture.removeEventListener("pointermove", follow));
  picture.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    const [x, y] = (field(chosen).value || "0.5,0.5").split(",").map(Number);
    const step = event.shiftKey ? LARGE_STEP : STEP;
    put(x + move[0] * step, y + move[1] * step);
  });
  picture.tabIndex = 0;
  picture.role = "application";
  picture.ariaLabel = picture.querySelector("img").alt || markers.map((marker) => marker.lastChild.textContent.trim()).join(", ");
  for (const shown of root.querySelectorAll("[data-markers], [data-scripted-hint]")) shown.hidden = false;
  root.querySelector("[data-typed]").open = false;
  root.addEventListener("input", draw);
  box.addEventListener("answer:written", draw);
  draw();
}
