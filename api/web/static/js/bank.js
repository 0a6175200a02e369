// A bank's list: tick all, and of the bulk actions only the fields that the chosen one needs.
const form = document.querySelector("[data-bulk]");
const action = form?.querySelector("[data-action]");

function show() {
  for (const field of form.querySelectorAll("[data-for]")) field.hidden = !field.dataset.for.split(" ").includes(action.value);
}

if (action) {
  const row = form.querySelector("[data-all-row]");
  row.hidden = false;
  row.addEventListener("change", (event) => {
    for (const box of form.querySelectorAll("[name=chosen]")) box.checked = event.target.checked;
  });
  action.addEventListener("change", show);
  show();
}
