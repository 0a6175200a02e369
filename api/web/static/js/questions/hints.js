// The hints of a question in the builder: written, taken away, kept in the question's own list.
export function bindHints(item, question, shape, changed) {
  const list = item.querySelector("[data-hint-list]");
  question.hints ??= [];

  function draw() {
    list.replaceChildren(...question.hints.map(drawHint));
  }

  function drawHint(hint) {
    const line = shape("hint");
    const text = line.querySelector("[data-hint-text]");
    text.id = `hint-${crypto.randomUUID()}`;
    text.parentElement.querySelector("label").htmlFor = text.id;
    text.value = hint.text;
    text.addEventListener("input", () => set(hint, "text", text.value));
    bindBox(line, "[data-hint-clear]", hint, "clear_wrong");
    bindBox(line, "[data-hint-number]", hint, "show_number_right");
    line.querySelector("[data-remove-hint]").addEventListener("click", () => {
      question.hints.splice(question.hints.indexOf(hint), 1);
      changed();
      draw();
      item.querySelector("[data-add-hint]").focus();
    });
    return line;
  }

  function bindBox(line, selector, hint, name) {
    const box = line.querySelector(selector);
    box.checked = hint[name];
    box.addEventListener("input", () => set(hint, name, box.checked));
  }

  function set(hint, name, value) {
    hint[name] = value;
    changed();
  }

  item.querySelector("[data-add-hint]").addEventListener("click", () => {
    question.hints.push({ text: "", clear_wrong: false, show_number_right: false });
    changed();
    draw();
    list.lastElementChild.querySelector("[data-hint-text]").focus();
  });
  draw();
}
