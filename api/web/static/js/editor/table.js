// A table's cells as a grid of fields: Tab goes to the next cell, Enter to the one below.
export function grid(place, fields, words, changed) {
  const table = document.createElement("table");
  table.className = "grid";
  place.replaceChildren(table);
  draw();

  place.parentElement.addEventListener("click", (event) => {
    const what = event.target.closest("[data-grid-do]")?.dataset.gridDo;
    if (!what) return;
    resize(what);
    draw();
    changed();
  });
  table.addEventListener("input", (event) => {
    const { row, column } = event.target.dataset;
    if (row === "head") fields.header[column] = event.target.value;
    else if (row === "align") fields.align[column] = event.target.value;
    else fields.rows[row][column] = event.target.value;
    changed();
  });
  table.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    const below = event.target.closest("tr").nextElementSibling ?? table.querySelector("tbody tr");
    below?.cells[event.target.closest("td,th").cellIndex].firstElementChild.focus();
  });

  function resize(what) {
    if (what === "row") fields.rows.push(fields.header.map(() => ""));
    if (what === "less-row" && fields.rows.length > 1) fields.rows.pop();
    for (const cells of [fields.header, fields.align, ...fields.rows]) {
      if (what === "column") cells.push("");
      if (what === "less-column" && fields.header.length > 0 && cells.length > 1) cells.pop();
    }
  }

  function draw() {
    const head = document.createElement("thead");
    head.append(rowOf(fields.header, "head", "th"), alignments());
    const body = document.createElement("tbody");
    body.append(...fields.rows.map((cells, index) => rowOf(cells, index, "td")));
    table.replaceChildren(head, body);
  }

  function rowOf(cells, row, tag) {
    const line = document.createElement("tr");
    for (const [column, text] of cells.entries()) {
      const box = document.createElement(tag);
      const input = document.createElement("input");
      Object.assign(input, { value: text, dir: "auto", ariaLabel: `${words.saidRow} ${row === "head" ? 0 : row + 1}, ${words.saidColumn} ${column + 1}` });
      Object.assign(input.dataset, { row, column });
      box.append(input);
      line.append(box);
    }
    return line;
  }

  function alignments() {
    const line = document.createElement("tr");
    for (const [column, side] of fields.align.entries()) {
      const box = document.createElement("td");
      const select = document.createElement("select");
      for (const [value, sign] of [["", "—"], ["left", "←"], ["center", "↔"], ["right", "→"]]) select.append(new Option(sign, value, false, value === side));
      select.ariaLabel = `${words.saidColumn} ${column + 1} ← ↔ →`;
      Object.assign(select.dataset, { row: "align", column });
      box.append(select);
      line.append(box);
    }
    return line;
  }
}
