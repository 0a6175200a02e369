// Questions in a dialog, as learners will see them.
export function showPreview(dialog, asked) {
  dialog.querySelector("[data-preview]").replaceChildren(
    ...asked.map((question) => {
      const item = document.createElement("li");
      item.className = "card stack tight";
      const text = Object.assign(document.createElement("div"), { className: "prose" });
      text.innerHTML = question.html; // the server made this HTML safe
      for (const gap of text.querySelectorAll("[data-gap]")) gap.className = "preview-gap";
      const choices = Object.assign(document.createElement("ul"), { className: "choices" });
      for (const choice of [...question.choices, ...question.parts.filter((part) => part.html), ...question.options]) {
        const line = Object.assign(document.createElement("li"), { className: "choice" });
        line.innerHTML = choice.html;
        choices.append(line);
      }
      item.append(text, choices);
      return item;
    }),
  );
  if (!dialog.open) dialog.showModal();
}
